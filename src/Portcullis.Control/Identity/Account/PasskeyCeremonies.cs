using System.Buffers;
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Portcullis.Control.Identity.People;
using Portcullis.Trust.Passkeys;

namespace Portcullis.Control.Identity.Account;

/// <summary>Asks authenticators, and takes their challenges back, each once (WebAuthn §5.4, §5.5, §13.4.3). The relying party is the issuer's host, at the issuer's origin.</summary>
internal sealed class PasskeyCeremonies
{
    /// <summary>Passkeys of one person; room for each of their devices.</summary>
    public const int MostOfPerson = 20;

    private const string CreateKind = "passkey-create";
    private const string GetKind = "passkey-get";

    // Names no client: ids of clients have no parentheses.
    private const string Answers = "(passkey)";

    private readonly string relyingParty;

    public PasskeyCeremonies(Uri issuer)
    {
        relyingParty = issuer.IdnHost;
        Origin = $"{issuer.Scheme}://{relyingParty}{(issuer.IsDefaultPort ? string.Empty : FormattableString.Invariant($":{issuer.Port}"))}";
        Verifier = new PasskeyVerifier(relyingParty, Origin);
    }

    /// <summary>How long an answer may take.</summary>
    public static TimeSpan Life { get; } = TimeSpan.FromMinutes(5);

    /// <summary>The origin of pages that may ask.</summary>
    public string Origin { get; }

    public PasskeyVerifier Verifier { get; }

    /// <summary>Asks for a new passkey.</summary>
    /// <param name="seal">Seals the challenge.</param>
    /// <param name="owner">The session that it is for.</param>
    /// <param name="person">Whose it will be.</param>
    /// <param name="present">Those that there are: their authenticators need no second one.</param>
    public PasskeyRequest AskToCreate(StateSeal seal, string owner, Person person, IReadOnlyList<Passkey> present) => Ask(seal, CreateKind, owner, writer =>
    {
        writer.WriteStartObject("rp");
        writer.WriteString("id", relyingParty);
        writer.WriteString("name", relyingParty);
        writer.WriteEndObject();
        writer.WriteStartObject("user");
        writer.WriteString("id", Base64Url.EncodeToString(HandleOf(person.Id)));
        writer.WriteString("name", person.Name);
        writer.WriteString("displayName", person.DisplayName ?? person.Name);
        writer.WriteEndObject();
        writer.WriteStartArray("pubKeyCredParams");
        foreach (var algorithm in PasskeyVerifier.Algorithms)
        {
            writer.WriteStartObject();
            writer.WriteString("type", "public-key");
            writer.WriteNumber("alg", algorithm);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        WriteCredentials(writer, "excludeCredentials", present);
        writer.WriteStartObject("authenticatorSelection");
        writer.WriteString("residentKey", "required");
        writer.WriteBoolean("requireResidentKey", true);
        writer.WriteString("userVerification", "required");
        writer.WriteEndObject();
        writer.WriteString("attestation", "none");
    });

    /// <summary>Asks for a passkey to be used.</summary>
    /// <param name="seal">Seals the challenge.</param>
    /// <param name="owner">Whose it must be; empty: whoever has one.</param>
    /// <param name="allowed">Theirs; empty: any that the browser can find. A name that was merely typed gets none, so that nobody learns who has some.</param>
    public PasskeyRequest AskToUse(StateSeal seal, string owner, IReadOnlyList<Passkey> allowed) => Ask(seal, GetKind, owner, writer =>
    {
        writer.WriteString("rpId", relyingParty);
        WriteCredentials(writer, "allowCredentials", allowed);
        writer.WriteString("userVerification", "required");
    });

    /// <summary>The challenge of <see cref="AskToCreate"/> that the form brought back; null where there is none that still counts. Answered it is by <see cref="TrySpendAsync"/>.</summary>
    public static byte[]? OpenCreate(Visit visit, string owner) => Open(visit, CreateKind, owner);

    /// <summary>The same of <see cref="AskToUse"/>.</summary>
    public static byte[]? OpenUse(Visit visit, string owner) => Open(visit, GetKind, owner);

    /// <summary>
    /// Notes that a challenge was answered; false where it was before. Decided by the database, so also where the same answer comes to two nodes at once. Asked after the signature
    /// was verified, so that nobody who has no key can have anything written.
    /// </summary>
    public static ValueTask<bool> TrySpendAsync(Visit visit, byte[] challenge)
        => visit.Services.Answered.TryAddAsync(Answers, SHA256.HashData(challenge), visit.Now + Life + TimeSpan.FromMinutes(1), visit.Aborted);

    /// <summary>The user handle of a person: their id, which says nothing (WebAuthn §14.6.1).</summary>
    public static byte[] HandleOf(string subject) => Encoding.ASCII.GetBytes(subject);

    private static byte[]? Open(Visit visit, string kind, string owner)
        => visit.Seal.Open(kind, owner, visit.Form["challenge"]) is { Length: PasskeyVerifier.ChallengeSize } challenge ? challenge : null;

    private static PasskeyRequest Ask(StateSeal seal, string kind, string owner, Action<Utf8JsonWriter> write)
    {
        var challenge = RandomNumberGenerator.GetBytes(PasskeyVerifier.ChallengeSize);
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writer.WriteString("challenge", Base64Url.EncodeToString(challenge));
            writer.WriteNumber("timeout", (long)Life.TotalMilliseconds);
            write(writer);
            writer.WriteEndObject();
        }

        return new PasskeyRequest(seal.Seal(kind, owner, Life, challenge), Encoding.UTF8.GetString(buffer.WrittenSpan));
    }

    private static void WriteCredentials(Utf8JsonWriter writer, string name, IReadOnlyList<Passkey> passkeys)
    {
        writer.WriteStartArray(name);
        foreach (var passkey in passkeys)
        {
            writer.WriteStartObject();
            writer.WriteString("type", "public-key");
            writer.WriteString("id", Base64Url.EncodeToString(passkey.CredentialId.Span));
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }
}
