using System.Buffers;
using System.Buffers.Text;
using System.Net;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;
using Portcullis.Gateway.Fields;
using Portcullis.Gateway.Pipeline;
using Portcullis.Waf;

namespace Portcullis.Gateway.Policies.Waf;

/// <summary>
/// Hands the heads of messages to a transaction: the request line as it came, and the fields that the gateway goes by, so that rules judge what routing
/// and upstream see. Fields that Connection names are gone by then, since nobody gets them. Allocates nothing.
/// </summary>
internal static class MessageFeed
{
    private const int StackOctets = 512;

    /// <summary>Returns how many octets the rules will look at, about.</summary>
    public static int Request(Transaction transaction, Exchange exchange)
    {
        Span<byte> client = stackalloc byte[64];
        Span<byte> server = stackalloc byte[64];
        var connection = exchange.Connection;
        transaction.Connection(
            Text(exchange.ClientAddress, client),
            connection?.Client.Port ?? 0,
            exchange.LocalAddress is { } local ? Text(local, server) : default,
            exchange.Host.Port is > 0 and var port ? port : exchange.Scheme == "https" ? 443 : 80);
        Write(exchange.RequestId, server, out var id);
        transaction.Identify(server[..id]);

        // RFC 8441: WebSocket over HTTP/2 is the CONNECT that goes upstream as GET.
        var method = exchange.Method == "CONNECT" && exchange.Target.Form == Routing.TargetForm.Origin ? "GET" : exchange.Method;
        RequestLine(transaction, method, exchange.RawTarget, exchange.Protocol);
        return method.Length + exchange.RawTarget.Length + Fields(transaction, exchange.RequestHeaders, isRequest: true);
    }

    public static void Response(Transaction transaction, Exchange exchange)
    {
        transaction.ResponseStatus(exchange.StatusCode, exchange.Protocol == "HTTP/2" ? "HTTP/2"u8 : "HTTP/1.1"u8);
        Fields(transaction, exchange.ResponseHeaders, isRequest: false);
    }

    private static void RequestLine(Transaction transaction, string method, string target, string protocol)
    {
        var length = method.Length + target.Length + protocol.Length;
        var rented = length > StackOctets ? ArrayPool<byte>.Shared.Rent(length) : null;
        var octets = rented ?? stackalloc byte[StackOctets];
        Write(method, octets, out var first);
        Write(target, octets[first..], out var second);
        Write(protocol, octets[(first + second)..], out var third);
        transaction.RequestLine(octets[..first], octets.Slice(first, second), octets.Slice(first + second, third));
        if (rented is not null) ArrayPool<byte>.Shared.Return(rented);
    }

    private static int Fields(Transaction transaction, IHeaderDictionary headers, bool isRequest)
    {
        var octets = 0;
        if (headers is FieldTable table)
        {
            foreach (ref readonly var field in table.Fields)
            {
                if (field.HasOctets)
                {
                    octets += Add(transaction, field.Name, table.OctetsOf(field), isRequest);
                    continue;
                }

                foreach (var value in table.ValueOf(field)) octets += Add(transaction, field.Name, value ?? string.Empty, isRequest);
            }

            if (table.ContentLength is { } length)
            {
                Span<byte> digits = stackalloc byte[20];
                Utf8Formatter.TryFormat(length, digits, out var written);
                octets += Add(transaction, HeaderNames.ContentLength, digits[..written], isRequest);
            }

            return octets;
        }

        foreach (var (name, values) in headers)
        {
            foreach (var value in values) octets += Add(transaction, name, value ?? string.Empty, isRequest);
        }

        return octets;
    }

    private static int Add(Transaction transaction, string name, string value, bool isRequest)
    {
        var rented = value.Length > StackOctets ? ArrayPool<byte>.Shared.Rent(value.Length) : null;
        var octets = rented ?? stackalloc byte[StackOctets];
        Write(value, octets, out var written);
        var length = Add(transaction, name, octets[..written], isRequest);
        if (rented is not null) ArrayPool<byte>.Shared.Return(rented);
        return length;
    }

    private static int Add(Transaction transaction, string name, ReadOnlySpan<byte> value, bool isRequest)
    {
        var rented = name.Length > StackOctets ? ArrayPool<byte>.Shared.Rent(name.Length) : null;
        var octets = rented ?? stackalloc byte[StackOctets];
        Write(name, octets, out var written);
        if (isRequest) transaction.RequestHeader(octets[..written], value);
        else transaction.ResponseHeader(octets[..written], value);
        if (rented is not null) ArrayPool<byte>.Shared.Return(rented);
        return written + value.Length;
    }

    // Each char is one octet.
    private static void Write(string text, Span<byte> octets, out int written) => written = Encoding.Latin1.GetBytes(text, octets);

    private static ReadOnlySpan<byte> Text(IPAddress address, Span<byte> buffer) => address.TryFormat(buffer, out var written) ? buffer[..written] : default;
}
