using System.Text.RegularExpressions;
using Portcullis.Gateway.Tests.Connections;

namespace Portcullis.Gateway.Tests.Forwarding;

/// <summary>100 (Continue) comes before the response or not at all: within or behind it, it would be taken for a part of it or for the next (RFC 9110 §15.2).</summary>
public sealed partial class GoAheadTests
{
    private const int Rounds = 400;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Interim_and_final_head_in_one_segment_reach_the_client_in_order(bool isTls)
    {
        await using var upstream = RawUpstream.Start(async (connection, _) =>
        {
            await connection.SendAsync("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nab");
            await connection.SendAsync("cd");
            await connection.WaitForEndAsync();
        });
        await using var gateway = await ForwardingBench.StartAsync(TransportKind.Http1, ForwardingBench.Cluster(upstream.Address), isTls: isTls);
        await Parallel.ForAsync(0, Rounds, new ParallelOptions { MaxDegreeOfParallelism = 4 }, async (_, _) =>
        {
            await using var client = isTls ? await RawConnection.OpenTlsAsync(gateway.EndPoint, RawConnection.TlsOptions("localhost")) : await RawConnection.OpenAsync(gateway.EndPoint);
            await client.SendAsync("POST / HTTP/1.1\r\nHost: a.example\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n");

            // Whether it is told before the answer is a matter of moments.
            var text = await client.ReadResponseAsync();
            if (text == "HTTP/1.1 100 Continue\r\n\r\n") text += await client.ReadResponseAsync();
            client.EndSending();
            text += await client.ReadToEndAsync();
            Assert.Matches(InOrder, text);
        });
    }

    [GeneratedRegex(@"\A(HTTP/1\.1 100 Continue\r\n\r\n)?HTTP/1\.1 200 OK\r\n([A-Za-z-]+: [^\r\n]+\r\n)+\r\nabcd\z", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex InOrder { get; }
}
