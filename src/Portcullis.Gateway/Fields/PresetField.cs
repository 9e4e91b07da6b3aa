using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;
using Portcullis.Gateway.Forwarding;

namespace Portcullis.Gateway.Fields;

/// <summary>A field that is the same on every message: checked, and made octets, once. Immutable.</summary>
internal sealed class PresetField
{
    private readonly byte[] line;

    /// <exception cref="ArgumentException">It can't be sent as a field line.</exception>
    public PresetField(string name, string value)
    {
        if (!FieldSyntax.IsToken(name)) throw new ArgumentException("The name is not a token (RFC 9110 §5.1).", nameof(name));
        if ((KnownFields.TraitsOf(name) & (FieldTraits.HopByHop | FieldTraits.ContentLength)) != FieldTraits.None) throw new ArgumentException("The field frames one message, or is about one connection.", nameof(name));
        if (!FieldSyntax.IsValue(value)) throw new ArgumentException("The value holds a control character or is not Latin-1 (RFC 9110 §5.5).", nameof(value));
        Name = name;
        Value = value;
        Bit = FieldTable.BitOf(name);
        line = Encoding.Latin1.GetBytes($"{name}: {value}\r\n");
    }

    public string Name { get; }

    public StringValues Value { get; }

    /// <summary>As <see cref="FieldTable.BitOf"/>.</summary>
    internal ulong Bit { get; }

    /// <summary>The whole line as in HTTP/1.1, its end included.</summary>
    public ReadOnlySpan<byte> Line => line;

    public ReadOnlySpan<byte> NameOctets => line.AsSpan(0, Name.Length);

    public ReadOnlySpan<byte> ValueOctets => line.AsSpan(Name.Length + 2, line.Length - Name.Length - 4);

    /// <summary>Sets the field, whatever was there of that name.</summary>
    public void SetIn(IHeaderDictionary headers)
    {
        if (headers is FieldTable table) table.Set(this);
        else headers[Name] = Value;
    }
}
