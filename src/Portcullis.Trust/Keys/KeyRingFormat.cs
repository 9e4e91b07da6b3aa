using System.Buffers.Text;
using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Portcullis.Trust.Keys;

/// <summary>
/// The ring file, version 1, frozen by test. First line <c>portcullis-key-ring 1 WRAPPING-KEY-ID MAC</c>, then the body as JSON. The MAC
/// (HMAC-SHA-256, base64url) is over the line up to it and the body, so a damaged, shortened or edited file is noticed before it is read.
/// </summary>
internal static class KeyRingFormat
{
    /// <summary>Larger files are refused; a thousand keys take less.</summary>
    public const int MaximumSize = 4 * 1024 * 1024;

    private const string Format = "portcullis-key-ring";
    private const int LongestFirstLine = 128;

    public static byte[] Write(KeyRingState state, WrappingKey wrapping)
    {
        var document = new KeyRingDocument { Wraps = state.Wraps, Keys = [.. state.Keys.Select(ToDocument)] };
        return Sign(JsonSerializer.SerializeToUtf8Bytes(document, KeyRingJson.Default.KeyRingDocument), wrapping);
    }

    /// <summary>The file of a body: the first line, with the authentication code of both, and the body.</summary>
    internal static byte[] Sign(ReadOnlySpan<byte> body, WrappingKey wrapping)
    {
        var start = Encoding.ASCII.GetBytes($"{Format} 1 {wrapping.Id} ");
        var mac = Encoding.ASCII.GetBytes(Base64Url.EncodeToString(wrapping.Authenticate([.. start, .. body])) + "\n");
        return [.. start, .. mac, .. body];
    }

    /// <summary>The wrapping key that the first line names, which proves nothing. Null when it names none.</summary>
    public static string? PeekWrappingKeyId(ReadOnlySpan<byte> file)
    {
        var end = file[..Math.Min(file.Length, LongestFirstLine)].IndexOf((byte)'\n');
        return end > 0 && Encoding.ASCII.GetString(file[..end]).Split(' ') is [Format, "1", var id, _] ? id : null;
    }

    /// <exception cref="KeyRingException">Damaged, foreign, newer, or not a ring at all.</exception>
    public static KeyRingState Read(string path, ReadOnlySpan<byte> file, WrappingKey wrapping)
    {
        var end = file[..Math.Min(file.Length, LongestFirstLine)].IndexOf((byte)'\n');
        var line = Encoding.ASCII.GetString(file[..Math.Max(0, end)]);
        if (!line.StartsWith(Format + " ", StringComparison.Ordinal))
            throw new KeyRingException(path, $"{path} is not a key ring", "restore the file from a backup");
        var parts = line.Split(' ');
        if (parts[1] != "1")
            throw new KeyRingException(path, $"{path} has format version '{parts[1]}', this program knows version 1", "start a newer Portcullis");
        if (parts.Length != 4)
            throw Damaged(path);
        if (parts[2] != wrapping.Id)
        {
            throw new KeyRingException(
                path, $"{path} is sealed under wrapping key {parts[2]}, but wrapping.key holds {wrapping.Id}", "put back the wrapping key that belongs to this ring");
        }

        var body = file[(end + 1)..];
        var expected = Base64Url.EncodeToString(wrapping.Authenticate([.. file[..(end - parts[3].Length)], .. body]));
        if (!CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(expected), Encoding.ASCII.GetBytes(parts[3])))
            throw Damaged(path);
        return ReadBody(path, body) with { Revision = expected };
    }

    private static KeyRingState ReadBody(string path, ReadOnlySpan<byte> body)
    {
        // The MAC has shown that a Portcullis wrote this: what can't be read now comes from another one.
        try
        {
            var document = JsonSerializer.Deserialize(body, KeyRingJson.Default.KeyRingDocument);
            if (document is null || document.Wraps < 0)
                throw Unknown(path, null);
            var state = new KeyRingState([.. document.Keys.Select(key => key is null ? throw Unknown(path, null) : FromDocument(path, key))], document.Wraps);
            return KeyRingRules.Hold(state) ? state : throw Unknown(path, null);
        }
        catch (JsonException exception)
        {
            throw Unknown(path, exception);
        }
    }

    private static KeyRingDocument.KeyDocument ToDocument(KeyEntry key) => new()
    {
        Id = key.Id,
        Purpose = key.Purpose.Name,
        Algorithm = key.Algorithm.Name(),
        Bits = key.Bits,
        State = StateName(key.State),
        Created = key.Created,
        Activates = key.Activates,
        Retired = key.Retired,
        Destroys = key.Destroys,
        Reserved = key.Reserved,
        PublicKey = key.PublicKey.IsEmpty ? null : key.PublicKey.ToArray(),
        Sealed = key.Sealed.IsEmpty ? null : key.Sealed.ToArray(),
    };

    private static KeyEntry FromDocument(string path, KeyRingDocument.KeyDocument key) => new()
    {
        Id = key.Id,
        Purpose = new KeyPurpose(key.Purpose),
        Algorithm = KeyAlgorithmNames.Parse(key.Algorithm) is var algorithm and not KeyAlgorithm.None ? algorithm : throw Unknown(path, null),
        Bits = key.Bits,
        State = ParseState(key.State) ?? throw Unknown(path, null),
        Created = key.Created,
        Activates = key.Activates,
        Retired = key.Retired,
        Destroys = key.Destroys,
        Reserved = key.Reserved,
        PublicKey = key.PublicKey,
        Sealed = key.Sealed,
    };

    private static string StateName(KeyState state) => state switch
    {
        KeyState.Pending => "pending",
        KeyState.Active => "active",
        KeyState.Retired => "retired",
        _ => "destroyed",
    };

    private static KeyState? ParseState(string name) => name switch
    {
        "pending" => KeyState.Pending,
        "active" => KeyState.Active,
        "retired" => KeyState.Retired,
        "destroyed" => KeyState.Destroyed,
        _ => null,
    };

    private static KeyRingException Damaged(string path) =>
        new(path, $"{path} is damaged: its authentication code does not match", "restore the file from a backup");

    private static KeyRingException Unknown(string path, Exception? inner) =>
        new(path, $"{path} holds something this program does not know", "start the Portcullis that wrote it", inner);
}
