using Portcullis.Gateway.Configuration;
using Portcullis.Gateway.Connections;
using Portcullis.Gateway.Telemetry;
using Portcullis.Gateway.Tests.Http2;

namespace Portcullis.Gateway.Tests.Connections.Http2;

/// <summary>An HTTP/2 client that floods is cut within 1,600 frames, while its neighbour is served.</summary>
public sealed class FloodTests
{
    private const int Allowance = 1600;

    public static TheoryData<string> Floods => ["reset", "reset mid-flight", "settings", "ping", "empty data", "padded empty data", "continuation", "empty continuation", "priority", "unknown frames"];

    [Theory]
    [MemberData(nameof(Floods))]
    public async Task Flood_is_cut_while_a_neighbour_is_served(string flood)
    {
        var never = new TaskCompletionSource();
        var application = new EchoApplication
        {
            Handler = context => flood == "reset mid-flight" && context.GetRequiredPath() != "/neighbour" ? never.Task : EchoApplication.EchoAsync(context),
        };
        await using var listener = await TestListener.StartAsync(TestListener.Plain, application);
        await using var neighbour = await RawHttp2Client.ConnectAsync(listener.EndPoint);
        await using var attacker = await RawHttp2Client.ConnectAsync(listener.EndPoint);

        var sent = await FloodAsync(attacker, flood, listener.Counters);
        Assert.True(sent <= Allowance, $"{flood}: {sent} frames went through");
        Assert.Equal(200, (await neighbour.ExchangeAsync(1, RawHttp2Client.Request(path: "/neighbour"))).Status);
        never.TrySetResult();
    }

    [Fact]
    public async Task Floods_are_told_once_a_second_with_the_address_as_logs_may_show_it()
    {
        using var log = new SignalLogging();
        var clock = new ManualTimeProvider();
        var services = TestListener.Services with { Logging = log, Time = clock, Addresses = new AddressMask { IsOn = true } };
        await using var listener = await TestListener.StartAsync(TestListener.Plain, services: services);
        for (var i = 0; i < 3; i++) await FloodOnceAsync();
        Assert.Contains("from 127.0.0.0:", await log.WaitAsync(1107), StringComparison.Ordinal);

        clock.Advance(TimeSpan.FromSeconds(1));
        await FloodOnceAsync();

        await log.WaitAsync(1107);
        Assert.Equal(0, log.Count(1107));
        Assert.Equal(4, listener.Counters.Refused(ConnectionRefusal.Http2Flood));

        async Task FloodOnceAsync()
        {
            await using var attacker = await RawHttp2Client.ConnectAsync(listener.EndPoint);
            await FloodAsync(attacker, "ping", listener.Counters);
        }
    }

    // Frames that were sent before the server cut the connection: in small steps, each with a moment for the server to read it.
    private static async Task<int> FloodAsync(RawHttp2Client attacker, string flood, ConnectionCounters counters)
    {
        var before = counters.Refused(ConnectionRefusal.Http2Flood);
        if (flood is "empty data" or "padded empty data") await attacker.SendHeadersAsync(1, RawHttp2Client.Request("POST"), endStream: false);
        if (flood is "continuation" or "empty continuation")
            await attacker.SendFrameAsync(Http2FrameType.Headers, Http2Frame.EndStream, 1, PlainHpack.Encode(RawHttp2Client.Request()));

        var closed = ReadToEndAsync(attacker);
        var sent = 0;
        for (var stream = 3; sent < 20_000 && !closed.IsCompleted && counters.Refused(ConnectionRefusal.Http2Flood) == before; stream += 2)
        {
            try
            {
                sent += await StepAsync(attacker, flood, stream);
            }
            catch (IOException)
            {
                break;
            }

            if (sent % 100 < 2) await Task.WhenAny(closed, Task.Delay(20));
        }

        await closed.WithPatience();
        return sent;
    }

    private static async Task<int> StepAsync(RawHttp2Client attacker, string flood, int stream)
    {
        switch (flood)
        {
            case "reset" or "reset mid-flight":
                await attacker.SendHeadersAsync(stream, RawHttp2Client.Request());
                await attacker.SendFrameAsync(Http2FrameType.RstStream, 0, stream, 0, 0, 0, 8);
                return 2;
            case "settings":
                await attacker.SendFrameAsync(Http2FrameType.Settings, 0, 0);
                return 1;
            case "ping":
                await attacker.SendFrameAsync(Http2FrameType.Ping, 0, 0, new byte[8]);
                return 1;
            case "empty data":
                await attacker.SendDataAsync(1, []);
                return 1;
            case "padded empty data":
                await attacker.SendFrameAsync(Http2FrameType.Data, Http2Frame.Padded, 1, [9, .. new byte[9]]);
                return 1;
            case "continuation":
                await attacker.SendFrameAsync(Http2FrameType.Continuation, 0, 1, PlainHpack.Encode([("x", "y")]));
                return 1;
            case "empty continuation":
                await attacker.SendFrameAsync(Http2FrameType.Continuation, 0, 1);
                return 1;
            case "priority":
                await attacker.SendFrameAsync(Http2FrameType.Priority, 0, stream, 0, 0, 0, 0, 1);
                return 1;
            default:
                await attacker.SendFrameAsync((Http2FrameType)0x77, 0, 0, 1, 2, 3);
                return 1;
        }
    }

    private static async Task ReadToEndAsync(RawHttp2Client client)
    {
        while (await client.ReadFrameAsync() is not null)
        {
        }
    }
}
