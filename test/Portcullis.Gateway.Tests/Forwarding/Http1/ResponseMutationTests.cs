using System.Text;
using Portcullis.Fuzz.Targets;

namespace Portcullis.Gateway.Tests.Forwarding.Http1;

/// <summary>The fuzz target over mutated responses; the seed is fixed, so a failure can be had again.</summary>
public sealed class ResponseMutationTests
{
    private const int Rounds = 20_000;

    private static readonly string[] Seeds =
    [
        "HTTP/1.1 200 OK\r\nServer: x\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n\r\nhello",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5;a=\"b\"\r\nhello\r\n1F\r\n0123456789012345678901234567890\r\n0\r\nX-Sum: 1\r\n\r\n",
        "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early\r\nLink: x\r\n\r\nHTTP/1.1 404 No\r\nConnection: close, x\r\n\r\nuntil close",
        "HTTP/1.1 101 Switching\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\nframes",
        "HTTP/1.0 302 Found\r\nLocation: /\r\nContent-Length: 0\r\n\r\nHTTP/1.1 200 OK\r\n\r\n",
    ];

    private static readonly string[] Pieces =
        ["\r\n", "\n", "\r", "\0", " ", "\t", ":", ";", ",", "=", "\"", "0", "f", "Content-Length: 3\r\n", "Transfer-Encoding: chunked\r\n", "HTTP/1.1 ", "7fffffffffffffff", "\u00ff"];

    [Fact]
    public void Mutated_responses_never_break_the_parser()
    {
        var random = new Random(20_301);
        for (var round = 0; round < Rounds; round++)
        {
            var octets = new List<byte> { (byte)random.Next(256) };
            octets.AddRange(Encoding.Latin1.GetBytes(Seeds[random.Next(Seeds.Length)]));
            for (var changes = random.Next(1, 6); changes > 0; changes--)
                Mutate(octets, random);

            try
            {
                Http1ResponseTarget.Run(octets.ToArray());
            }
            catch (Exception e)
            {
                Assert.Fail($"round {round}: {e.Message} for {Convert.ToHexString(octets.ToArray())}");
            }
        }
    }

    private static void Mutate(List<byte> octets, Random random)
    {
        var at = random.Next(octets.Count);
        switch (random.Next(5))
        {
            case 0:
                octets[at] = (byte)random.Next(256);
                break;
            case 1:
                octets.RemoveRange(at, Math.Min(random.Next(1, 8), octets.Count - at));
                break;
            case 2:
                octets.InsertRange(at, Encoding.Latin1.GetBytes(Pieces[random.Next(Pieces.Length)]));
                break;
            case 3:
                octets[at] ^= (byte)(1 << random.Next(8));
                break;
            default:
                octets.InsertRange(at, octets.GetRange(at, Math.Min(random.Next(1, 40), octets.Count - at)));
                break;
        }

        if (octets.Count == 0)
            octets.Add(0);
    }
}
