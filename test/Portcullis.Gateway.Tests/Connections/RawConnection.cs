using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Text;

namespace Portcullis.Gateway.Tests.Connections;

/// <summary>A socket for hostile HTTP/1.1: sends octets as they are, reads what comes.</summary>
internal sealed class RawConnection : IAsyncDisposable
{
    private readonly Socket socket;
    private readonly Stream stream;

    private RawConnection(Socket socket, Stream stream)
    {
        this.socket = socket;
        this.stream = stream;
    }

    public Stream Stream => stream;

    public Socket Socket => socket;

    public static async Task<RawConnection> OpenAsync(IPEndPoint endPoint, IPAddress? from = null)
    {
        var opened = new Socket(endPoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        if (from is not null) opened.Bind(new IPEndPoint(from, 0));
        await opened.ConnectAsync(endPoint);
        return new RawConnection(opened, new NetworkStream(opened, ownsSocket: true));
    }

    public static async Task<RawConnection> OpenTlsAsync(IPEndPoint endPoint, SslClientAuthenticationOptions options)
    {
        var plain = await OpenAsync(endPoint);
        var tls = new SslStream(plain.stream);
        try
        {
            await tls.AuthenticateAsClientAsync(options).WaitAsync(Eventually.Patience);
        }
        catch
        {
            await tls.DisposeAsync();
            throw;
        }

        return new RawConnection(plain.socket, tls);
    }

    public static SslClientAuthenticationOptions TlsOptions(string host, params SslApplicationProtocol[] protocols) => new()
    {
        TargetHost = host,
        ApplicationProtocols = protocols.Length == 0 ? null : [.. protocols],
        EnabledSslProtocols = SslProtocols.None,
        RemoteCertificateValidationCallback = static (_, _, _, _) => true,
    };

    /// <summary>Sends the text, each character one octet.</summary>
    public async Task SendAsync(string text)
    {
        await stream.WriteAsync(Encoding.Latin1.GetBytes(text));
        await stream.FlushAsync();
    }

    public Task SendAsync(byte[] octets) => stream.WriteAsync(octets).AsTask();

    /// <summary>Everything up to the end of the connection; what came before a reset counts.</summary>
    public async Task<string> ReadToEndAsync()
    {
        using var patience = new CancellationTokenSource(Eventually.Patience);
        using var all = new MemoryStream();
        var buffer = new byte[4096];
        try
        {
            int read;
            while ((read = await stream.ReadAsync(buffer, patience.Token)) > 0) all.Write(buffer, 0, read);
        }
        catch (IOException)
        {
        }

        return Encoding.Latin1.GetString(all.ToArray());
    }

    /// <summary>One response with a Content-Length or without a body.</summary>
    public async Task<string> ReadResponseAsync()
    {
        using var patience = new CancellationTokenSource(Eventually.Patience);
        var text = new StringBuilder();
        var one = new byte[1];
        while (!text.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal))
        {
            if (await stream.ReadAsync(one, patience.Token) == 0) return text.ToString();
            text.Append((char)one[0]);
        }

        var head = text.ToString();
        var field = head.IndexOf("Content-Length: ", StringComparison.OrdinalIgnoreCase);
        if (field < 0) return head;
        var length = int.Parse(head[(field + 16)..head.IndexOf('\r', field)]);
        var body = new byte[length];
        await stream.ReadExactlyAsync(body, patience.Token);
        return head + Encoding.Latin1.GetString(body);
    }

    public void EndSending() => socket.Shutdown(SocketShutdown.Send);

    public ValueTask DisposeAsync() => stream.DisposeAsync();
}
