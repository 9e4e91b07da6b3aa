namespace Portcullis.Gateway.Connections.Http2;

/// <summary>
/// The streams that ended last. Frames for one that ended by our doing may have been under way and are ignored; frames for another are the
/// client's error (RFC 9113 §5.1). Not thread safe.
/// </summary>
internal sealed class EndedStreams
{
    /// <summary>More than a usual connection has streams; frames for an older one end the connection.</summary>
    private const int Most = 256;

    private readonly int[] cut = new int[Most];
    private readonly int[] whole = new int[Most / 4];
    private int nextCut;
    private int nextWhole;

    public void Add(int id, bool wasCut)
    {
        if (wasCut) cut[(int)((uint)nextCut++ % (uint)cut.Length)] = id;
        else whole[(int)((uint)nextWhole++ % (uint)whole.Length)] = id;
    }

    /// <summary>The client has broken one off itself: it sends nothing more that was under way.</summary>
    public void NoteReset(int id)
    {
        var at = cut.AsSpan().IndexOf(id);
        if (at < 0) return;
        cut[at] = 0;
        Add(id, wasCut: false);
    }

    public bool Has(int id) => whole.AsSpan().Contains(id) || WasCut(id);

    public bool WasCut(int id) => cut.AsSpan().Contains(id);
}
