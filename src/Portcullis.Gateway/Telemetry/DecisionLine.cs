using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using Portcullis.Gateway.Forwarding;

namespace Portcullis.Gateway.Telemetry;

/// <summary>A <see cref="DecisionRecord"/> as a line of JSON. Formatting allocates nothing once a thread has done it before.</summary>
internal static class DecisionLine
{
    // Quotes, backslashes and whatever is no defined character that shows (controls, line and paragraph separators, lone surrogates) are
    // escaped, so a line stays a line and a string a string. Unlike the default, & + ' < > and letters beyond ASCII take no six octets each:
    // the file is not for HTML, and its room is what an attacker would fill.
    private static readonly JsonWriterOptions Json = new() { SkipValidation = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    [ThreadStatic]
    private static ArrayBufferWriter<byte>? buffer;

    [ThreadStatic]
    private static Utf8JsonWriter? json;

    /// <summary>The line with its line feed; good until the thread formats the next.</summary>
    public static ReadOnlySpan<byte> Format(in DecisionRecord record, bool masksAddresses)
    {
        buffer ??= new ArrayBufferWriter<byte>(4096);
        json ??= new Utf8JsonWriter(buffer, Json);
        buffer.ResetWrittenCount();
        json.Reset(buffer);
        Write(json, record, masksAddresses);
        json.Flush();
        buffer.Write("\n"u8);
        return buffer.WrittenSpan;
    }

    private static void Write(Utf8JsonWriter json, in DecisionRecord record, bool masksAddresses)
    {
        json.WriteStartObject();
        json.WriteString("time"u8, record.Time);
        json.WriteString("requestId"u8, record.RequestId);
        var traceId = record.TraceParent is { Length: >= 35 } traceParent ? traceParent.AsSpan(3, 32) : default;
        if (!traceId.IsEmpty && !traceId.SequenceEqual(record.RequestId)) json.WriteString("traceId"u8, traceId);
        json.WriteString("listener"u8, record.Listener);
        if (record.Route is null) json.WriteNull("route"u8);
        else json.WriteString("route"u8, record.Route);
        json.WriteString("method"u8, Truncate(record.Method, 32));
        json.WriteString("host"u8, record.Host.Name);
        json.WriteString("path"u8, Truncate(record.Path.Span, 1024));
        json.WriteString("protocol"u8, record.Protocol);
        if (record.Code is null) json.WriteNull("code"u8);
        else json.WriteString("code"u8, record.Code);
        json.WriteNumber("status"u8, record.Status);
        if (string.IsNullOrEmpty(record.Caller)) json.WriteNull("caller"u8);
        else json.WriteString("caller"u8, Truncate(record.Caller, 256));
        if (record.AuthenticatedBy is not null) json.WriteString("authenticatedBy"u8, record.AuthenticatedBy);
        if (!string.IsNullOrEmpty(record.KeyId)) json.WriteString("key"u8, Truncate(record.KeyId, 64));
        if (!string.IsNullOrEmpty(record.Tenant)) json.WriteString("tenant"u8, record.Tenant);
        if (record.DataClass is not null) json.WriteString("dataClass"u8, record.DataClass);
        if (record.Purpose is not null) json.WriteString("purpose"u8, record.Purpose);
        Span<char> address = stackalloc char[64];
        json.WriteString("address"u8, AddressText.Format(record.Address, masksAddresses, address));
        json.WriteNumber("durationMs"u8, Milliseconds(record.Duration));
        json.WriteNumber("upstreamMs"u8, Milliseconds(record.Upstream));
        if (record.Destination is not null) json.WriteString("destination"u8, record.Destination);
        json.WriteNumber("responseBytes"u8, record.ResponseBytes);
        if (record.Shadowed is not null) json.WriteString("shadowed"u8, record.Shadowed);
        if (record.Source is { } source) json.WriteString("source"u8, source.Word());
        if (record.Code is not null && record.Step is not null) json.WriteString("step"u8, record.Step);
        if (record.Cause is not null) json.WriteString("cause"u8, Truncate(record.Cause, 512));
        if (record.Waf is { } waf) WafDecisionLine.Write(json, waf);
        json.WriteEndObject();
    }

    /// <summary>To the microsecond. A decimal is written by its digits; a double's shortest form would have to be found first.</summary>
    private static decimal Milliseconds(TimeSpan time)
    {
        var microseconds = Math.Max(0, time.Ticks / TimeSpan.TicksPerMicrosecond);
        return new decimal((int)microseconds, (int)(microseconds >> 32), 0, isNegative: false, scale: 3);
    }

    private static ReadOnlySpan<char> Truncate(ReadOnlySpan<char> text, int length) => text.Length <= length ? text : text[..length];
}
