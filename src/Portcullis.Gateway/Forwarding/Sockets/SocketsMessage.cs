namespace Portcullis.Gateway.Forwarding.Sockets;

/// <summary>A request for <see cref="SocketsHttpHandler"/> that bounds how often the handler sends it of its own accord.</summary>
/// <remarks>
/// The handler repeats up to three times what an upstream says it has not touched: a stream refused, or beyond the last one of a GOAWAY (RFC 9113
/// §8.7). Once is as much as over HTTP/1.1; further tries are the cluster's, which have a budget. And a body that was begun can't be sent again, so
/// its head must not go either. The handler has no switch for this, but asks for the encoding of each field whenever it writes a head.
/// </remarks>
internal sealed class SocketsMessage : HttpRequestMessage
{
    private const int MostHeads = 2;

    private string? first;
    private int heads;

    /// <summary>Whether a head was written for an upstream: what fails from then on may have been seen there.</summary>
    public bool WasSent => Volatile.Read(ref heads) > 0;

    /// <summary>Called for each field of each head, in the same order every time, before anything of the head is sent.</summary>
    /// <exception cref="IOException">The head would be one too many.</exception>
    public void OnField(string name)
    {
        first ??= name;
        if (name != first) return;
        Volatile.Write(ref heads, heads + 1);

        // Content that was not begun shows that no head got as far as the upstream: the connection went away under it. Unless the head goes
        // first and the content waits for 100 (RFC 9110 §10.1.1).
        var mayBegin = Content is PipeContent content
            ? !content.WasBegun && (heads == 1 || Headers.ExpectContinue is not true)
            : heads <= MostHeads;
        if (!mayBegin) throw new IOException("The upstream did not take the request.");
    }
}
