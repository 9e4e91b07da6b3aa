using System.Text.Json;
using Portcullis.Trust.Tokens;

namespace Portcullis.Trust.Passkeys;

/// <summary>What the browser says of a ceremony (<c>clientDataJSON</c>, WebAuthn §5.8.1). It is signed as it came; here it is read strictly, other members than those of the standard aside.</summary>
internal readonly record struct ClientData
{
    /// <summary>Octets of the longest that is read.</summary>
    public const int MaximumSize = 4 * 1024;

    private const int MaximumDepth = 8;

    public string? Type { get; private init; }

    public string? Challenge { get; private init; }

    public string? Origin { get; private init; }

    /// <summary>Whether the page was within one of another origin.</summary>
    public bool IsCrossOrigin { get; private init; }

    public static bool TryRead(ReadOnlySpan<byte> json, out ClientData data)
    {
        data = default;
        if (json.Length > MaximumSize || !StrictJson.IsObject(json, MaximumDepth, out _))
            return false;

        // No name is there twice: that has been seen to.
        string? type = null, challenge = null, origin = null;
        var isCrossOrigin = false;
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = MaximumDepth });
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isRead = true;
            if (reader.ValueTextEquals("type"u8))
                isRead = TryReadText(ref reader, out type);
            else if (reader.ValueTextEquals("challenge"u8))
                isRead = TryReadText(ref reader, out challenge);
            else if (reader.ValueTextEquals("origin"u8))
                isRead = TryReadText(ref reader, out origin);
            else if (reader.ValueTextEquals("crossOrigin"u8))
                isRead = TryReadFlag(ref reader, ref isCrossOrigin);
            else if (reader.ValueTextEquals("topOrigin"u8))
                // Level 3: it is there only where the page was framed.
                isRead = isCrossOrigin = TryReadText(ref reader, out _);
            else
                reader.Skip();
            if (!isRead)
                return false;
        }

        if (type is null || challenge is null || origin is null)
            return false;
        data = new ClientData { Type = type, Challenge = challenge, Origin = origin, IsCrossOrigin = isCrossOrigin };
        return true;
    }

    private static bool TryReadText(ref Utf8JsonReader reader, out string? text)
    {
        reader.Read();
        text = reader.TokenType == JsonTokenType.String ? reader.GetString() : null;
        return text is not null;
    }

    private static bool TryReadFlag(ref Utf8JsonReader reader, ref bool flag)
    {
        reader.Read();
        flag |= reader.TokenType == JsonTokenType.True;
        return reader.TokenType is JsonTokenType.True or JsonTokenType.False;
    }
}
