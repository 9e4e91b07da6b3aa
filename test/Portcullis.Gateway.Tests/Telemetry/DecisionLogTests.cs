using System.Diagnostics;
using System.Net;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Portcullis.Gateway.Forwarding;
using Portcullis.Gateway.Telemetry;
using Portcullis.Gateway.Tests.Routing;

namespace Portcullis.Gateway.Tests.Telemetry;

/// <summary>The file behind the decision log, and what it does when the disk does not do as it should.</summary>
public sealed class DecisionLogTests : IDisposable
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private readonly TemporaryDirectory directory = new();
    private readonly GatewayMetrics metrics = new();

    public void Dispose() => directory.Dispose();

    [Fact]
    public async Task A_disk_that_stalls_costs_records_beyond_the_cap_which_are_counted_and_nothing_once_it_goes_on()
    {
        var pipe = directory.At("pipe");
        using (var made = Process.Start(Requirement.Tool("mkfifo", "coreutils"), pipe)) await made.WaitForExitAsync();
        var records = 20_000;
        string text;
        await using (var log = Open(TimeProvider.System, pipe))
        {
            // Nobody reads: the writer waits in open(2), and none of these calls may.
            for (var i = 0; i < records; i++) log.Write(Record(cause: new string('c', 512)));
            Assert.InRange(metrics.DecisionsDropped, 1, records - 1);

            // When somebody does, all that was taken comes, and what is written then.
            var reading = Task.Run(() => File.ReadAllTextAsync(pipe));
            long dropped;
            do
            {
                dropped = metrics.DecisionsDropped;
                records++;
                log.Write(Record(cause: "after"));
                await Task.Yield();
            }
            while (metrics.DecisionsDropped > dropped);

            await log.DisposeAsync();
            text = await reading.WithPatience();
        }

        var lines = text.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.All(lines, static line => JsonDocument.Parse(line).Dispose());
        Assert.EndsWith("\"cause\":\"after\"}", lines[^1], StringComparison.Ordinal);
        Assert.Equal(records, lines.Length + metrics.DecisionsDropped);
    }

    [Fact]
    public async Task A_buffer_that_is_half_full_is_written_without_waiting_for_the_next_tick()
    {
        var file = directory.At("decisions.jsonl");
        await using var log = Open(new ManualTimeProvider(), file);

        for (var written = 0; written < DecisionLog.Capacity / 2; written += 500) log.Write(Record(cause: new string('c', 512)));

        await Eventually.HoldsAsync(() => Task.FromResult(File.Exists(file) && new FileInfo(file).Length > DecisionLog.Capacity / 2), "half of the buffer is written");
        Assert.Equal(0, metrics.DecisionsDropped);
    }

    [Theory]
    [InlineData("bad\0name")]
    [InlineData("file/below-a-file")]
    public async Task A_path_that_can_not_be_is_counted_and_does_not_end_the_log(string path)
    {
        directory.Write("file", string.Empty);
        await using var log = Open(TimeProvider.System, directory.At(path));
        log.Write(Record());
        await Eventually.HoldsAsync(() => Task.FromResult(metrics.DecisionsDropped == 1), "the record is counted");

        log.Path = directory.At("decisions.jsonl");
        log.Write(Record(cause: "after"));

        await Eventually.HoldsAsync(() => Task.FromResult(File.Exists(log.Path) && File.ReadAllText(log.Path).Contains("after", StringComparison.Ordinal)), "the next record is written");
    }

    [Fact]
    public async Task File_and_directory_are_made_for_their_owner_alone()
    {
        var file = directory.At("logs/decisions.jsonl");
        await using (var log = Open(TimeProvider.System, file)) log.Write(Record());

        Assert.Equal(OwnerOnly, TemporaryDirectory.Mode(file));
        Assert.Equal(OwnerOnly | UnixFileMode.UserExecute, TemporaryDirectory.Mode(directory.At("logs")));
    }

    [Theory]
    [InlineData("\r\n{\"requestId\":\"forged\"}")]
    [InlineData("\",\"status\":200,\"x\":\"")]
    [InlineData("\\")]
    [InlineData("\u001b[2J\u0000\u0007\u007f\u0085\u009b")]
    [InlineData("\u2028\u2029\ufeff")]
    [InlineData("half a pair: \ud800")]
    [InlineData("gr\u00fc\u00dfe & <b>'+'</b>")]
    public void Hostile_text_stays_one_string_on_one_line(string text)
    {
        var line = Encoding.UTF8.GetString(DecisionLine.Format(Record(text, text) with { Path = text.AsMemory(), Method = text, Caller = text }, masksAddresses: false));

        Assert.Equal(line.Length - 1, line.IndexOf('\n', StringComparison.Ordinal));
        Assert.DoesNotContain(line[..^1], static character => char.IsControl(character) || character is '\u2028' or '\u2029' or '\ufffe');
        using var read = JsonDocument.Parse(line);
        var expected = text.Replace('\ud800', '\ufffd');
        foreach (var name in (string[])["cause", "path", "caller", "shadowed"]) Assert.Equal(expected, read.RootElement.GetProperty(name).GetString());
        Assert.Equal(200, read.RootElement.GetProperty("status").GetInt32());
        Assert.Equal("0123456789abcdef0123456789abcdef", read.RootElement.GetProperty("requestId").GetString());
    }

    [Fact]
    public void What_is_common_in_paths_takes_one_octet_each()
    {
        var plain = DecisionLine.Format(Record() with { Path = new string('a', 1000).AsMemory() }, masksAddresses: false).Length;

        Assert.Equal(plain, DecisionLine.Format(Record() with { Path = new string('&', 1000).AsMemory() }, masksAddresses: false).Length);
    }

    [Theory]
    [InlineData("192.0.2.77", "192.0.2.0")]
    [InlineData("2001:db8:1:2:3:4:5:6", "2001:db8:1::")]
    public void Addresses_are_shortened_where_asked(string address, string shown)
    {
        var record = Record() with { Address = IPAddress.Parse(address) };

        Assert.Contains($"\"address\":\"{shown}\"", Encoding.UTF8.GetString(DecisionLine.Format(record, masksAddresses: true)), StringComparison.Ordinal);
        Assert.Contains($"\"address\":\"{address}\"", Encoding.UTF8.GetString(DecisionLine.Format(record, masksAddresses: false)), StringComparison.Ordinal);
    }

    [Fact]
    public void Formatting_allocates_nothing()
    {
        var record = Record("cause", "shadowed");

        Assert.Equal(0, AllocatedBytes.PerOperation(() => DecisionLine.Format(record, masksAddresses: true)));
    }

    [Fact]
    public async Task Lines_of_many_threads_stay_whole()
    {
        var file = directory.At("decisions.jsonl");
        await using (var log = Open(TimeProvider.System, file))
        {
            await Task.WhenAll(Enumerable.Range(0, 8).Select(worker => Task.Run(() =>
            {
                for (var i = 0; i < 500; i++) log.Write(Record(cause: $"{worker}-{i}"));
            }))).WithPatience();
        }

        var causes = File.ReadLines(file).Select(static line => JsonDocument.Parse(line).RootElement.GetProperty("cause").GetString()).ToHashSet(StringComparer.Ordinal);
        Assert.Equal(4000, causes.Count);
    }

    private DecisionLog Open(TimeProvider clock, string path) => new(metrics, new AddressMask(), clock, NullLogger<DecisionLog>.Instance) { Path = path };

    private static DecisionRecord Record(string? cause = null, string? shadowed = null) => new()
    {
        Time = DateTimeOffset.UnixEpoch,
        RequestId = "0123456789abcdef0123456789abcdef",
        TraceParent = "00-0123456789abcdef0123456789abcdef-0123456789abcdef-00",
        Listener = "public",
        Route = "a",
        Method = "GET",
        Host = default,
        Path = "/".AsMemory(),
        Protocol = "HTTP/1.1",
        Status = 200,
        Code = null,
        Source = ForwardSide.Upstream,
        Cause = cause,
        Shadowed = shadowed,
        Caller = null,
        Address = IPAddress.Loopback,
        Duration = TimeSpan.FromMilliseconds(1.5),
        Upstream = TimeSpan.FromMilliseconds(1),
        Destination = null,
        ResponseBytes = 0,
    };
}
