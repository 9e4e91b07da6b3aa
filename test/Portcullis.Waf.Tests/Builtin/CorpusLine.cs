namespace Portcullis.Waf.Tests.Builtin;

/// <summary>One request of a corpus.</summary>
/// <param name="Category">The file it stands in, without folder and extension.</param>
/// <param name="Target">Where the payload goes, as <c>query</c> or <c>header:Referer</c>.</param>
/// <param name="Payload">The payload's bytes.</param>
/// <param name="Place">File and line, for messages.</param>
/// <param name="HeldOutOf">One line in this many is held out; none where it is 0.</param>
internal sealed record CorpusLine(string Category, string Target, byte[] Payload, string Place, uint HeldOutOf = 5)
{
    /// <summary>Whether the line is in the part that rules are not tuned with. Decided by the payload alone, so that all its targets agree.</summary>
    public bool IsHeldOut
    {
        get
        {
            // FNV-1a.
            var hash = 2166136261u;
            foreach (var one in Payload) hash = (hash ^ one) * 16777619;
            return HeldOutOf > 0 && hash % HeldOutOf == 0;
        }
    }
}
