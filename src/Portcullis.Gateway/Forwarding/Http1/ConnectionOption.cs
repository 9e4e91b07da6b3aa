namespace Portcullis.Gateway.Forwarding.Http1;

/// <summary>Looks for field names among the options of Connection (RFC 9110 §7.6.1).</summary>
internal static class ConnectionOption
{
    /// <summary>Whether any Connection field of the section names <paramref name="name"/>.</summary>
    public static bool Names(ResponseFields fields, string name)
    {
        foreach (ref readonly var field in fields.Span)
        {
            if ((field.Traits & FieldTraits.Connection) == FieldTraits.None)
                continue;

            foreach (var range in field.Value.AsSpan().Split(','))
            {
                if (field.Value.AsSpan()[range].Trim(" \t").Equals(name, StringComparison.OrdinalIgnoreCase))
                    return true;
            }
        }

        return false;
    }
}
