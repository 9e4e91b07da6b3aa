using Portcullis.Gateway.Fields;
using Portcullis.Gateway.Forwarding;

namespace Portcullis.Gateway.Connections;

/// <summary>What fields must satisfy before they leave, so that nothing is read as another line or another message. Pure and thread safe.</summary>
internal static class ResponseFieldRules
{
    /// <summary>Checks all that was set as text; what came over the wire, and presets, were checked before.</summary>
    /// <exception cref="InvalidOperationException">One is no field: a bug of whoever set it.</exception>
    public static void Check(FieldTable fields)
    {
        foreach (ref readonly var field in fields.Fields)
        {
            if (field.HasOctets || field.Preset is not null) continue;
            foreach (var value in fields.ValueOf(field)) Check(field.Name, value ?? string.Empty);
        }
    }

    /// <inheritdoc cref="Check(FieldTable)"/>
    public static void Check(string name, string value)
    {
        if (!FieldSyntax.IsToken(name)) throw new InvalidOperationException("A response field's name is not a token (RFC 9110 §5.1).");
        CheckValue(value);
    }

    /// <inheritdoc cref="Check(FieldTable)"/>
    public static void CheckValue(string value)
    {
        if (!value.AsSpan().ContainsAnyExceptInRange(' ', '~')) return;
        foreach (var c in value)
        {
            if ((c < ' ' && c != '\t') || c is '\x7f' or > '\xff') throw new InvalidOperationException("A response field holds a control character or is not Latin-1 (RFC 9110 §5.5).");
        }
    }
}
