using System.Buffers.Binary;
using System.Net;
using System.Net.Http.Headers;
using Portcullis.EndToEnd.Tests.Nodes;

namespace Portcullis.EndToEnd.Tests.Clients;

/// <summary>gRPC as it is on the wire: length-prefixed messages over HTTP/2, the status in trailers.</summary>
[Collection(nameof(SharedNodeTests))]
public sealed class GrpcClientTests(SharedNode shared)
{
    private readonly Node node = shared.Node;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_call_gets_its_messages_and_the_status_in_the_trailers(bool isTls)
    {
        using var client = Node.CreateClient(HttpVersion.Version20);
        byte[] sent = [.. Message("hello"u8), .. Message([]), .. Message(new byte[100_000])];
        var request = new HttpRequestMessage(HttpMethod.Post, isTls ? node.Tls("/grpc") : node.Plain("/grpc"))
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new ByteArrayContent(sent) { Headers = { ContentType = new MediaTypeHeaderValue("application/grpc") } },
        };
        request.Headers.TE.Add(new TransferCodingWithQualityHeaderValue("trailers"));

        using var response = await client.SendAsync(request);
        var received = await response.Content.ReadAsByteArrayAsync();

        Assert.Equal((HttpStatusCode.OK, "application/grpc"), (response.StatusCode, response.Content.Headers.ContentType!.MediaType));
        Assert.Equal(sent, received);
        Assert.Equal("0", Assert.Single(response.TrailingHeaders.GetValues("grpc-status")));
    }

    private static byte[] Message(ReadOnlySpan<byte> content)
    {
        var framed = new byte[5 + content.Length];
        BinaryPrimitives.WriteInt32BigEndian(framed.AsSpan(1), content.Length);
        content.CopyTo(framed.AsSpan(5));
        return framed;
    }
}
