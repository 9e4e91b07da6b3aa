using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using Portcullis.Trust.Keys;

namespace Portcullis.Trust.Tokens;

/// <summary>Reads one public key of a set, or says why it can't serve.</summary>
internal static class JsonWebKeyReader
{
    private const int LongestKeyId = 256;

    public static bool TryRead(JsonElement element, [NotNullWhen(true)] out VerificationKey? key, [NotNullWhen(false)] out SkippedKey? skipped)
    {
        key = null;
        string? id = null;
        var reason = element.ValueKind == JsonValueKind.Object ? CheckUse(element, out id) : "not an object";
        if (reason is null)
        {
            _ = Text(element, "kty"u8, out var type);
            reason = type switch
            {
                "RSA" => ReadRsa(element, id, out key),
                "EC" => ReadEc(element, id, out key),
                _ => "a key type that is not supported",
            };
        }

        skipped = key is null ? new SkippedKey(id, reason ?? "not valid") : null;
        return key is not null;
    }

    /// <summary>Members that say what the key is for. Absent ones allow (RFC 7517, sections 4.2 and 4.3 make them optional).</summary>
    private static string? CheckUse(JsonElement element, out string? id)
    {
        if (!Text(element, "kid"u8, out id) || !Text(element, "use"u8, out var use))
            return "kid or use is not a string";
        if (id is { Length: 0 or > LongestKeyId })
            return "kid is empty or too long";
        if (use is not (null or "sig"))
            return "not for signatures";
        // Whoever publishes the private half has lost the key.
        if (element.TryGetProperty("d"u8, out _))
            return "the private half is published";
        if (!element.TryGetProperty("key_ops"u8, out var operations))
            return null;
        if (operations.ValueKind != JsonValueKind.Array)
            return "key_ops is not an array";
        foreach (var operation in operations.EnumerateArray())
        {
            if (operation.ValueKind == JsonValueKind.String && operation.ValueEquals("verify"u8))
                return null;
        }

        return "not for verification";
    }

    /// <remarks>The algorithm is optional in a JWK; a key of ours has one all the same, so a key without it gets the only one of its type.</remarks>
    private static string? ReadRsa(JsonElement element, string? id, out VerificationKey? key)
    {
        key = null;
        if (!Text(element, "alg"u8, out var algorithm) || algorithm is not (null or "RS256"))
            return "an algorithm that is not supported";
        if (Bytes(element, "n"u8) is not { } modulus || Bytes(element, "e"u8) is not { } exponent)
            return "n or e is missing or not base64url";
        VerificationKey.TryCreateRsa(modulus, exponent, id, out key, out var fault);
        return fault;
    }

    private static string? ReadEc(JsonElement element, string? id, out VerificationKey? key)
    {
        key = null;
        if (!Text(element, "alg"u8, out var algorithm) || algorithm is not (null or "ES256"))
            return "an algorithm that is not supported";
        if (!Text(element, "crv"u8, out var curve) || curve is not "P-256")
            return "a curve that is not supported";
        if (Bytes(element, "x"u8) is not { } x || Bytes(element, "y"u8) is not { } y)
            return "x or y is missing or not base64url";
        VerificationKey.TryCreateP256(x, y, id, out key, out var fault);
        return fault;
    }

    /// <summary>False when the member is there but no string; absent gives null.</summary>
    private static bool Text(JsonElement element, ReadOnlySpan<byte> name, out string? text)
    {
        text = null;
        if (!element.TryGetProperty(name, out var member))
            return true;
        if (member.ValueKind != JsonValueKind.String)
            return false;
        text = member.GetString();
        return true;
    }

    private static byte[]? Bytes(JsonElement element, ReadOnlySpan<byte> name) =>
        Text(element, name, out var text) && text is not null ? Base64UrlStrict.Decode(text) : null;
}
