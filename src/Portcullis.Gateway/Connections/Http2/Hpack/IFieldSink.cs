namespace Portcullis.Gateway.Connections.Http2.Hpack;

/// <summary>
/// Takes the fields of a header block in the order in which they came. Either method says whether it wants more: after false it gets no further
/// field of the block, while the decoder goes on to its end, without which its table would no longer be the encoder's (RFC 7541 §2.2).
/// </summary>
/// <remarks>
/// What a field counts against SETTINGS_MAX_HEADER_LIST_SIZE is <see cref="HpackEntry.Size(int, int)"/> of the lengths of name and value. Nothing
/// is copied for a sink, so a large entry that a block refers to thousands of times costs no more than these calls.
/// A sink does not call the decoder.
/// </remarks>
internal interface IFieldSink
{
    /// <summary>A field that stands in a table, or was put into it just now: the next time it is the very same string.</summary>
    /// <param name="name">The name, which may be invalid.</param>
    /// <param name="value">The value, each char an octet.</param>
    /// <param name="isValueValid">What <see cref="Fields.FieldLine.IsValue"/> says of the value.</param>
    bool TakeText(in FieldName name, string value, bool isValueValid);

    /// <summary>A field that stands in no table.</summary>
    /// <param name="name">The name, which may be invalid.</param>
    /// <param name="value">The value, unchecked (see <see cref="Fields.FieldLine.IsValue"/>); good during the call only.</param>
    bool TakeOctets(in FieldName name, ReadOnlySpan<byte> value);
}
