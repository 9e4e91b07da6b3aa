using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Portcullis.Trust.Keys;
using Portcullis.Trust.Tokens;

namespace Portcullis.Control.Identity.Roles;

/// <summary>
/// The record that a review was made: who reviewed, when, what was found, when the next is due; a JWS (RFC 7515) of a type of its own, which no verifier of tokens
/// takes (RFC 8725 §3.11).
/// </summary>
/// <param name="Reviewer">The subject of who answers for it.</param>
/// <param name="Due">When the next review is due.</param>
/// <param name="Review">What was found.</param>
public sealed record SignedReview(string Reviewer, DateTimeOffset Due, AccessReview Review)
{
    /// <summary>The <c>typ</c> of the record.</summary>
    public const string Type = "portcullis-access-review+jws";

    /// <summary>Longest record that is verified.</summary>
    public const int MaximumSize = 16 * 1024 * 1024;

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
        Encoder = JavaScriptEncoder.Default,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
    };

    /// <summary>Signs the record with the active key of the purpose; null where the ring has none.</summary>
    public string? Sign(KeyRing ring, KeyPurpose purpose)
    {
        if (Due <= Review.Time) throw new InvalidOperationException("The next review is due after this one.");
        var payload = JsonSerializer.SerializeToUtf8Bytes(this, Json);

        // A rotation between the look and the use takes a key away; the next look finds its successor.
        for (var attempt = 0; attempt < 3; attempt++)
        {
            if (ring.Current.FindSigningKey(purpose) is { } key && CompactSigner.Sign(key, Type, payload) is { } signed) return signed;
        }

        return null;
    }

    /// <summary>Reads a record that one of the keys signed; false for everything else. The header must be the very one that <see cref="Sign"/> writes: nothing of it is chosen by the record (RFC 8725 §3.1).</summary>
    public static bool TryVerify(string record, JsonWebKeySet keys, [NotNullWhen(true)] out SignedReview? review)
    {
        review = null;
        if (record.Length > MaximumSize || !Ascii.IsValid(record)) return false;
        var parts = record.Split('.', 4);
        if (parts.Length != 3) return false;
        foreach (var key in keys.Keys)
        {
            var header = Base64Url.EncodeToString(Encoding.UTF8.GetBytes($$"""{"alg":"{{key.Algorithm}}","kid":"{{key.Id}}","typ":"{{Type}}"}"""));
            if (parts[0] != header) continue;
            try
            {
                var signature = Base64Url.DecodeFromChars(parts[2]);
                if (Base64Url.EncodeToString(signature) != parts[2] || !key.Verify(Encoding.ASCII.GetBytes(record, 0, record.LastIndexOf('.')), signature)) return false;
                review = JsonSerializer.Deserialize<SignedReview>(Base64Url.DecodeFromChars(parts[1]), Json);
                return review is not null;
            }
            catch (Exception exception) when (exception is FormatException or JsonException)
            {
                return false;
            }
        }

        return false;
    }
}
