using System.IO.Pipelines;
using System.Text;
using Microsoft.AspNetCore.Http;
using Portcullis.Gateway.Configuration;
using Portcullis.Gateway.Forwarding;
using Portcullis.Gateway.Forwarding.Http1;
using Portcullis.Gateway.Forwarding.Tls;

namespace Portcullis.Gateway.Tests.Forwarding.Http1;

/// <summary>A transport towards a <see cref="RawServer"/>, and the ways in which the tests use it.</summary>
internal sealed class TestClient : IAsyncDisposable
{
    public TestClient(RawServer server, ConnectionOptions? options = null, TimeProvider? clock = null, UpstreamTlsOptions? tls = null)
        : this(server.Port, options, clock, tls)
    {
    }

    public TestClient(int port, ConnectionOptions? options = null, TimeProvider? clock = null, UpstreamTlsOptions? tls = null)
    {
        if (!UpstreamTls.TryLoad(tls ?? new UpstreamTlsOptions(), null, out var loaded, out _, out var error))
            throw new InvalidOperationException(error);

        var url = new Uri($"{(tls is null ? "http" : "https")}://127.0.0.1:{port}");
        var cluster = new ClusterOptions { Destinations = [new DestinationOptions { Url = url }], Connections = options ?? new ConnectionOptions() };
        Transport = new Http1Transport(new UpstreamEndpoint(url, cluster, loaded, clock ?? TimeProvider.System));
    }

    public Http1Transport Transport { get; }

    public static UpstreamRequest Request(string method = "GET", string target = "/", string? body = null, bool chunked = false)
    {
        var request = new UpstreamRequest { Method = method, Target = target, Host = "test.example" };
        if (body is not null)
        {
            request.Body = PipeReader.Create(new MemoryStream(Encoding.Latin1.GetBytes(body)));
            request.ContentLength = chunked ? null : body.Length;
        }

        return request;
    }

    public Task<Reply> GetAsync(CancellationToken cancellationToken = default) => SendAsync(Request(), cancellationToken);

    /// <summary>Sends, reads the response whole, disposes it.</summary>
    public async Task<Reply> SendAsync(UpstreamRequest request, CancellationToken cancellationToken = default)
    {
        var result = await Transport.SendAsync(request, cancellationToken).AsTask().WaitAsync(Eventually.Patience, CancellationToken.None);
        if (result.Response is not { } response)
            return new Reply(result.Error, result.Cause, 0, new HeaderDictionary(), string.Empty, default, new HeaderDictionary());

        await using (response)
            return await ReadAsync(response).WaitAsync(Eventually.Patience, CancellationToken.None);
    }

    public static async Task<Reply> ReadAsync(UpstreamResponse response)
    {
        var headers = new HeaderDictionary();
        response.CopyFieldsTo(headers);
        var status = response.StatusCode;
        var pipe = new Pipe(new PipeOptions(pauseWriterThreshold: 0));
        var copy = await response.CopyBodyAsync(pipe.Writer, TimeSpan.FromMinutes(1), CancellationToken.None);
        await pipe.Writer.CompleteAsync();
        using var body = new MemoryStream();
        await pipe.Reader.CopyToAsync(body);
        var trailers = new HeaderDictionary();
        response.CopyTrailersTo(trailers);
        return new Reply(ForwardError.None, null, status, headers, Encoding.Latin1.GetString(body.ToArray()), copy, trailers);
    }

    public ValueTask DisposeAsync() => Transport.DisposeAsync();
}
