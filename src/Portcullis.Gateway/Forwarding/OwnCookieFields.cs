using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;
using Portcullis.Gateway.Fields;
using Portcullis.Gateway.Identity.People;

namespace Portcullis.Gateway.Forwarding;

/// <summary>Keeps the gateway's own cookies between it and the browser.</summary>
internal static class OwnCookieFields
{
    private static readonly ulong SetCookieBit = FieldTable.BitOf(HeaderNames.SetCookie);

    /// <summary>Adds a field of the client's to what goes upstream; of cookies, what is not the gateway's own.</summary>
    public static void AddFrom(FieldTable fields, FieldTable client, in FieldTable.Field field)
    {
        if (Is(field.Name, HeaderNames.Cookie) && MayHave(client, field)) AddCookies(fields, client.ValueOf(field));
        else fields.AddFrom(client, field);
    }

    /// <summary>The same for fields that are text.</summary>
    public static void AddText(FieldTable fields, string name, StringValues value)
    {
        if (Is(name, HeaderNames.Cookie) && OwnCookies.MayBeIn(value)) AddCookies(fields, value);
        else fields.AddText(name, value);
    }

    /// <summary>No service behind the gateway signs a browser in at the gateway.</summary>
    public static void RemoveSettings(IHeaderDictionary headers)
    {
        if (MayBeSet(headers)) headers.SetCookie = OwnCookies.WithoutSettings(headers.SetCookie);
    }

    private static void AddCookies(FieldTable fields, StringValues cookies)
    {
        if (OwnCookies.Without(cookies) is { Count: > 0 } kept) fields.AddText(HeaderNames.Cookie, kept, FieldTraits.Known | FieldTraits.Personal);
    }

    private static bool MayBeSet(IHeaderDictionary headers)
    {
        if (headers is not FieldTable table) return OwnCookies.MayBeIn(headers.SetCookie);
        if (!table.MayHave(SetCookieBit)) return false;
        foreach (ref readonly var field in table.Fields)
        {
            if (Is(field.Name, HeaderNames.SetCookie) && MayHave(table, field)) return true;
        }

        return false;
    }

    private static bool MayHave(FieldTable table, in FieldTable.Field field) => field.HasOctets ? OwnCookies.MayBeIn(table.OctetsOf(field)) : OwnCookies.MayBeIn(table.ValueOf(field));

    private static bool Is(string name, string known) => ReferenceEquals(name, known) || name.Equals(known, StringComparison.OrdinalIgnoreCase);
}
