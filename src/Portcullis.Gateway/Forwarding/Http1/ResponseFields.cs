using System.Text;

namespace Portcullis.Gateway.Forwarding.Http1;

/// <summary>
/// The field lines of a head or trailer section. Reused from response to response: a line that equals the one at the same
/// place in the response before it, as most do on a connection, costs no string.
/// </summary>
internal sealed class ResponseFields
{
    /// <summary>Most lines in one section; one more and the response is refused.</summary>
    public const int MaximumCount = 128;

    // What an idle connection may keep for comparison: at most 32 names and values of at most 128 chars.
    private const int KeptCount = 32;
    private const int KeptLength = 128;

    private ResponseField[] fields = [];

    public int Count { get; private set; }

    public ReadOnlySpan<ResponseField> Span => fields.AsSpan(0, Count);

    /// <summary>Adds a line that has been checked.</summary>
    /// <returns>False at the cap.</returns>
    public bool TryAdd(ReadOnlySpan<byte> name, string? known, ReadOnlySpan<byte> value, FieldTraits traits)
    {
        if (Count == MaximumCount)
            return false;

        if (Count == fields.Length)
            Array.Resize(ref fields, Math.Min(MaximumCount, Math.Max(16, Count * 2)));

        ref var field = ref fields[Count++];
        if (known is not null)
            field.Name = known;
        else if (field.Name is null || !Ascii.Equals(name, field.Name))
            field.Name = Encoding.Latin1.GetString(name);

        if (field.Value is null || !Ascii.Equals(value, field.Value))
            field.Value = value.IsEmpty ? string.Empty : Encoding.Latin1.GetString(value);
        field.Traits = traits;
        return true;
    }

    /// <summary>Starts a new section.</summary>
    public void Restart() => Count = 0;

    /// <summary>Forgets what must not outlive the exchange: values of one caller, and what is too large to keep.</summary>
    public void Trim()
    {
        for (var i = 0; i < Count; i++)
        {
            ref var field = ref fields[i];
            if (i >= KeptCount || (field.Traits & FieldTraits.Personal) != FieldTraits.None || field.Value.Length > KeptLength || field.Name.Length > KeptLength)
                field = default;
        }

        if (fields.Length > KeptCount)
            Array.Resize(ref fields, KeptCount);
        Count = 0;
    }
}
