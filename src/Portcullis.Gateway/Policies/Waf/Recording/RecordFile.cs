using System.Buffers.Binary;
using System.Text.Json;
using Portcullis.Trust.Keys;
using Portcullis.Trust.Sealing;

namespace Portcullis.Gateway.Policies.Waf.Recording;

/// <summary>
/// The file of recorded requests: after eight octets that name it, one sealed request after another, each behind its length in four octets (big-endian).
/// What was cut off at the end by a full disk or a power failure is left out.
/// </summary>
public static class RecordFile
{
    /// <summary>One request at most: the largest body that is inspected, in base 64, and its head.</summary>
    private const int MostOctets = 128 * 1024 * 1024;

    private static readonly SealingContext Context = SealingContext.Of("waf", "recorded-request");

    internal static ReadOnlySpan<byte> Name => "PCWAFR1\n"u8;

    /// <summary>Whether the file is one.</summary>
    public static bool IsOne(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        Span<byte> head = stackalloc byte[Name.Length];
        return file.ReadAtLeast(head, head.Length, throwOnEndOfStream: false) == head.Length && head.SequenceEqual(Name);
    }

    /// <summary>Reads the requests, in order. One that does not open is null: its key is gone, or the file was changed.</summary>
    public static IEnumerable<RecordedRequest?> Read(string path, KeyRing ring)
    {
        var sealer = new Sealer(ring, KeyPurpose.Data);
        foreach (var envelope in Envelopes(path))
            yield return sealer.Open(envelope, Context, out var text) == UnsealOutcome.Opened ? JsonSerializer.Deserialize<RecordedRequest>(text) : null;
    }

    /// <summary>How many whole requests there are, and where the last of them ends.</summary>
    internal static (int Count, long End) Measure(string path)
    {
        var (count, end) = (0, (long)Name.Length);
        foreach (var envelope in Envelopes(path)) (count, end) = (count + 1, end + 4 + envelope.Length);
        return (count, end);
    }

    /// <summary>A request as it goes into the file.</summary>
    internal static byte[] Seal(RecordedRequest request, Sealer sealer)
    {
        var text = JsonSerializer.SerializeToUtf8Bytes(request);
        var framed = new byte[4 + text.Length + Sealer.Overhead];
        BinaryPrimitives.WriteInt32BigEndian(framed, framed.Length - 4);
        sealer.Seal(text, Context, framed.AsSpan(4));
        return framed;
    }

    private static IEnumerable<byte[]> Envelopes(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        var length = new byte[Math.Max(4, Name.Length)];
        if (file.ReadAtLeast(length, Name.Length, throwOnEndOfStream: false) < Name.Length || !length.AsSpan(0, Name.Length).SequenceEqual(Name)) yield break;
        while (file.ReadAtLeast(length.AsSpan(0, 4), 4, throwOnEndOfStream: false) == 4)
        {
            var octets = BinaryPrimitives.ReadInt32BigEndian(length);
            if (octets is < 0 or > MostOctets || octets > file.Length - file.Position) yield break;
            var envelope = new byte[octets];
            file.ReadExactly(envelope);
            yield return envelope;
        }
    }
}
