using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Net.Http.Headers;
using Portcullis.Gateway.Fields;

namespace Portcullis.Gateway.Connections.Http1;

/// <summary>Writes response heads as octets (RFC 9112 §4, §5). Every value is checked once more: nothing leaves that could be read as another line.</summary>
internal ref struct ResponseHead
{
    private const int Usual = 4 * 1024;

    // A head lives only until it is copied before its body.
    [ThreadStatic]
    private static byte[]? scratch;

    private static readonly byte[]?[] StatusLines = new byte[]?[600];

    private byte[] octets;
    private int length;

    private ResponseHead(byte[] octets) => this.octets = octets;

    public readonly ReadOnlySpan<byte> Written => octets.AsSpan(0, length);

    /// <summary>Begins with the status line.</summary>
    public static ResponseHead Begin(int status, string? reason)
    {
        var head = new ResponseHead(scratch ??= new byte[Usual]);
        if (reason is null && status is >= 100 and < 600)
        {
            head.Append(StatusLines[status] ??= Encoding.ASCII.GetBytes($"HTTP/1.1 {status} {ReasonPhrases.GetReasonPhrase(status)}\r\n"));
        }
        else
        {
            ResponseFieldRules.CheckValue(reason ?? string.Empty);
            head.Append(Encoding.Latin1.GetBytes(string.Create(CultureInfo.InvariantCulture, $"HTTP/1.1 {status} {reason}\r\n")));
        }

        return head;
    }

    /// <summary>Adds the fields but those that are about this connection alone, which only <see cref="Append(ReadOnlySpan{byte})"/> adds.</summary>
    public void AppendFields(FieldTable fields)
    {
        foreach (ref readonly var field in fields.Fields)
        {
            if (field.Preset is { } preset)
            {
                // Checked when it was made.
                Append(preset.Line);
                continue;
            }

            if (IsOurs(field.Name)) continue;
            if (field.HasOctets)
            {
                // Checked when it came in.
                AppendLatin1(field.Name);
                Append(": "u8);
                Append(fields.OctetsOf(field));
                Append("\r\n"u8);
                continue;
            }

            foreach (var value in fields.ValueOf(field)) AppendField(field.Name, value ?? string.Empty);
        }
    }

    /// <summary>Adds one line.</summary>
    /// <exception cref="InvalidOperationException">It is none: a bug of whoever set the field.</exception>
    public void AppendField(string name, string value)
    {
        ResponseFieldRules.Check(name, value);
        AppendLatin1(name);
        Append(": "u8);
        AppendLatin1(value);
        Append("\r\n"u8);
    }

    public void AppendLength(long value)
    {
        Append("Content-Length: "u8);
        Reserve(20);
        value.TryFormat(octets.AsSpan(length), out var digits, default, CultureInfo.InvariantCulture);
        length += digits;
        Append("\r\n"u8);
    }

    public void Append(ReadOnlySpan<byte> text)
    {
        Reserve(text.Length);
        text.CopyTo(octets.AsSpan(length));
        length += text.Length;
    }

    private static bool IsOurs(string name)
        => ReferenceEquals(name, HeaderNames.Connection) || ReferenceEquals(name, HeaderNames.TransferEncoding) || ReferenceEquals(name, HeaderNames.KeepAlive)
            || (name.Length is 10 or 17 && (name.Equals(HeaderNames.Connection, StringComparison.OrdinalIgnoreCase)
                || name.Equals(HeaderNames.KeepAlive, StringComparison.OrdinalIgnoreCase) || name.Equals(HeaderNames.TransferEncoding, StringComparison.OrdinalIgnoreCase)));

    private void AppendLatin1(string text)
    {
        Reserve(text.Length);
        length += Encoding.Latin1.GetBytes(text, octets.AsSpan(length));
    }

    private void Reserve(int more)
    {
        if (octets.Length - length >= more) return;
        var larger = new byte[Math.Max(octets.Length * 2, length + more)];
        Written.CopyTo(larger);
        octets = larger;
    }
}
