using System.Text;
using System.Text.Json;

namespace Portcullis.Trust.Tokens;

/// <summary>Values that nearly every token repeats, so that reading a token does not make them anew.</summary>
internal sealed class KnownTexts
{
    private readonly string[] texts;
    private readonly byte[][] encoded;

    public KnownTexts(params IReadOnlyList<string> texts)
    {
        this.texts = [.. texts];
        encoded = [.. texts.Select(Encoding.UTF8.GetBytes)];
    }

    public static KnownTexts None { get; } = new();

    public string Read(ref Utf8JsonReader reader)
    {
        for (var i = 0; i < encoded.Length; i++)
        {
            if (reader.ValueTextEquals(encoded[i]))
                return texts[i];
        }

        return reader.GetString()!;
    }
}
