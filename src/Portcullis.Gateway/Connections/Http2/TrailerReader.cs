using System.Text;
using Portcullis.Gateway.Connections.Http1;
using Portcullis.Gateway.Connections.Http2.Hpack;
using Portcullis.Gateway.Fields;

namespace Portcullis.Gateway.Connections.Http2;

/// <summary>Takes a trailer section (RFC 9113 §8.1). What may stand in one is judged where it is read.</summary>
/// <param name="fields">Where the fields go; null: nowhere, since nobody waits for them.</param>
/// <param name="most">Most octets, counted as RFC 9113 §6.5.2 counts.</param>
/// <param name="mostFields">Most lines: one of the table costs an octet, and lines of one name are copied with each further one.</param>
internal sealed class TrailerReader(FieldTable? fields, long most, int mostFields) : IFieldSink
{
    private long left = most;
    private int fieldsLeft = mostFields;

    /// <summary>Where the fields went.</summary>
    public FieldTable? Fields => fields;

    /// <summary>What is wrong with them; null: nothing so far.</summary>
    public RequestDefect? Defect { get; private set; }

    public bool TakeText(in FieldName name, string value, bool isValueValid)
    {
        if (fields is null || !Admit(name, value.Length, isValueValid)) return false;
        fields.AddLine(name.Text, value, name.Traits);
        return true;
    }

    public bool TakeOctets(in FieldName name, ReadOnlySpan<byte> value)
    {
        if (fields is null || !Admit(name, value.Length, FieldLine.IsValue(value))) return false;
        fields.AddLine(name.Text, Encoding.Latin1.GetString(value), name.Traits);
        return true;
    }

    private bool Admit(in FieldName name, int valueLength, bool isValueValid)
    {
        left -= HpackEntry.Size(name.Text.Length, valueLength);
        if (left < 0) Defect = RequestDefect.TooLarge;
        else if (--fieldsLeft < 0) Defect = RequestDefect.TooMany;
        else if (name.Pseudo != PseudoField.None) Defect = RequestDefect.PseudoField;
        else if (!name.IsValid) Defect = RequestDefect.FieldName;
        else if (!isValueValid) Defect = RequestDefect.FieldValue;
        else if ((name.Traits & FieldTraits.ContentLength) != FieldTraits.None) Defect = RequestDefect.TrailerName; // it would be taken for the section's own
        return Defect is null;
    }
}
