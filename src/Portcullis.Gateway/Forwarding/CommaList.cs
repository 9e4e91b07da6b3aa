namespace Portcullis.Gateway.Forwarding;

/// <summary>The members of a comma-separated list, trimmed, empty ones left out (RFC 9110 §5.6.1). Allocates nothing. Not for quoted strings.</summary>
internal ref struct CommaList(ReadOnlySpan<char> value)
{
    private ReadOnlySpan<char> rest = value;

    public ReadOnlySpan<char> Current { get; private set; }

    public readonly CommaList GetEnumerator() => this;

    public bool MoveNext()
    {
        while (!rest.IsEmpty)
        {
            var comma = rest.IndexOf(',');
            Current = (comma < 0 ? rest : rest[..comma]).Trim(" \t");
            rest = comma < 0 ? default : rest[(comma + 1)..];
            if (!Current.IsEmpty) return true;
        }

        return false;
    }
}
