namespace Portcullis.Gateway.Connections.Http2;

/// <summary>
/// The streams that ended last. Frames for one that ended by our doing may have been under way and are ignored; frames for another are the
/// client's error (RFC 9113 §5.1). Not thread safe.
/// </summary>
internal sealed class EndedStreams
{
    /// <summary>More than a usual connection has streams; frames for an older one end the connection.</summary>
    private const int Most = 256;

    private readonly int[] ids = new int[Most]; // negative: cut
    private int next;

    public void Add(int id, bool wasCut)
    {
        ids[next] = wasCut ? -id : id;
        next = (next + 1) % Most;
    }

    /// <summary>The client has broken one off itself: it sends nothing more that was under way.</summary>
    public void NoteReset(int id)
    {
        var at = ids.AsSpan().IndexOf(-id);
        if (at >= 0) ids[at] = id;
    }

    public bool Has(int id) => ids.AsSpan().Contains(id) || WasCut(id);

    public bool WasCut(int id) => ids.AsSpan().Contains(-id);
}
