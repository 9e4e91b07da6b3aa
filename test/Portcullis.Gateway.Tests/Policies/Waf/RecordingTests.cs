using System.Text;
using Portcullis.Gateway.Policies.Waf.Recording;
using Portcullis.Gateway.Tests.Hosting;

namespace Portcullis.Gateway.Tests.Policies.Waf;

public sealed class RecordingTests : IDisposable
{
    private readonly TemporaryDirectory directory = new();

    private string Record => Path.Combine(directory.Path, "requests.sealed");

    public void Dispose() => directory.Dispose();

    [Fact]
    public async Task Requests_are_recorded_whole_and_sealed_and_give_the_same_result_again()
    {
        await using var waf = await WafGateway.StartAsync(section: $"record: {{ path: \"{Record}\", sample: 1 }}");
        using var client = waf.Gateway.Client();
        client.DefaultRequestHeaders.Add("Authorization", "Basic c2VjcmV0");
        client.DefaultRequestHeaders.Add("Cookie", "a=b");

        using var attack = await client.PostAsync(waf.Gateway.Address("/p?q=1"), new StringContent("a=bodyattack", Encoding.UTF8, "application/x-www-form-urlencoded"));
        using var harmless = await client.GetAsync(waf.Gateway.Address("/h"));
        await Eventually.HoldsAsync(() => File.Exists(Record) && RecordFile.Measure(Record).Count == 2, "both are recorded");

        Assert.DoesNotContain("bodyattack", Encoding.Latin1.GetString(await ReadAsync()), StringComparison.Ordinal);
        if (!OperatingSystem.IsWindows()) Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Record));
        var requests = RecordFile.Read(Record, waf.Gateway.Keys).ToList();
        var first = requests[0]!;
        Assert.Equal(("POST", "/p?q=1", "a=bodyattack", "waf.blocked"), (first.Method, first.Target, Encoding.UTF8.GetString(first.Body), first.Code));
        Assert.Equal([200L, 299L], first.Rules);
        Assert.DoesNotContain(first.Fields, field => field.Name == "Authorization");
        Assert.Contains(first.Fields, field => field is { Name: "Cookie", Value: "a=b" });

        await using var trial = await FirewallTrial.OpenAsync(waf.Gateway.Load(waf.Configuration()));
        var outcomes = new[] { await trial!.RunAsync(first), await trial.RunAsync(requests[1]!) };
        Assert.Equal(("all", "waf.blocked", true), (outcomes[0].Route, outcomes[0].Code, outcomes[0].IsBlocked));
        Assert.Equal([200L, 299L], outcomes[0].Waf!.Rules);
        Assert.Equal(("all", null, false), (outcomes[1].Route, outcomes[1].Code, outcomes[1].IsBlocked));
    }

    [Fact]
    public async Task Recording_ends_at_its_bound()
    {
        await using var waf = await WafGateway.StartAsync(section: $"record: {{ path: \"{Record}\", sample: 1, maxRequests: 3 }}");
        using var client = waf.Gateway.Client();

        for (var i = 0; i < 3; i++) (await client.GetAsync(waf.Gateway.Address())).Dispose();
        await Eventually.HoldsAsync(() => File.Exists(Record) && RecordFile.Measure(Record).Count == 3, "three are recorded");
        var length = new FileInfo(Record).Length;
        for (var i = 0; i < 5; i++) (await client.GetAsync(waf.Gateway.Address())).Dispose();
        await waf.Gateway.DecisionsAsync(8);

        Assert.Equal(length, new FileInfo(Record).Length);
    }

    [Fact]
    public async Task What_there_is_no_body_memory_for_is_left_out_of_the_record()
    {
        await using var waf = await WafGateway.StartAsync("{ mode: detect, bodyLimit: 256KiB }", $"bodyMemory: 1MiB\n  record: {{ path: \"{Record}\", sample: 1 }}");
        using var client = waf.Gateway.Client();

        // While it waits and is sealed, four times its octets: more than the half of the memory that a record may take.
        using var large = await client.PostAsync(waf.Gateway.Address("/large"), new StringContent("a=" + new string('x', 200_000), Encoding.UTF8, "application/x-www-form-urlencoded"));
        using var small = await client.GetAsync(waf.Gateway.Address("/small"));
        await Eventually.HoldsAsync(() => File.Exists(Record) && RecordFile.Measure(Record).Count == 1, "the small one is recorded");
        await waf.Gateway.DecisionsAsync(2);

        Assert.Equal("/small", Assert.Single(RecordFile.Read(Record, waf.Gateway.Keys))!.Target);
        await Eventually.HoldsAsync(() => waf.Gateway.Host.State.Rules.Bodies.Used == 0, "all memory is given back");
    }

    [Fact]
    public async Task What_was_changed_does_not_open()
    {
        await using var waf = await WafGateway.StartAsync(section: $"record: {{ path: \"{Record}\", sample: 1 }}");
        using var client = waf.Gateway.Client();
        (await client.GetAsync(waf.Gateway.Address())).Dispose();
        await Eventually.HoldsAsync(() => File.Exists(Record) && RecordFile.Measure(Record).Count == 1, "it is recorded");

        var octets = await ReadAsync();
        octets[^20] ^= 1;
        var changed = directory.Write("changed", string.Empty);
        await File.WriteAllBytesAsync(changed, octets);

        Assert.Null(Assert.Single(RecordFile.Read(changed, waf.Gateway.Keys)));
    }

    [Fact]
    public async Task What_a_crash_has_cut_off_is_written_over()
    {
        await (await RecordOneAsync()).DisposeAsync();
        await using (var file = new FileStream(Record, FileMode.Open)) file.SetLength(file.Length - 5);

        await using var waf = await RecordOneAsync();

        Assert.NotNull(Assert.Single(RecordFile.Read(Record, waf.Gateway.Keys)));
    }

    private async Task<WafGateway> RecordOneAsync()
    {
        var waf = await WafGateway.StartAsync(section: $"record: {{ path: \"{Record}\", sample: 1 }}");
        using var client = waf.Gateway.Client();
        (await client.GetAsync(waf.Gateway.Address())).Dispose();
        await Eventually.HoldsAsync(() => File.Exists(Record) && RecordFile.Measure(Record).Count == 1, "it is recorded");
        return waf;
    }

    [Fact]
    public async Task Without_being_asked_for_nothing_is_recorded()
    {
        await using var waf = await WafGateway.StartAsync();
        using var client = waf.Gateway.Client();
        (await client.GetAsync(waf.Gateway.Address())).Dispose();
        await waf.Gateway.DecisionsAsync(1);

        Assert.Null(waf.Gateway.Host.State.Recording!.Options);
    }

    [Theory]
    [InlineData("GET /a?b=1 HTTP/1.1\nHost: a\n\n", "GET", "")]
    [InlineData("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nabcdef", "POST", "abcdef")]
    [InlineData("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2;x\r\nde\r\n0\r\n\r\n", "POST", "abcde")]
    public void A_request_in_a_file_is_read_as_it_was_meant(string text, string method, string body)
    {
        var request = RawRequest.Parse(Encoding.Latin1.GetBytes(text), out var error);

        Assert.Null(error);
        Assert.Equal((method, body), (request!.Method, Encoding.Latin1.GetString(request.Body)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("hello")]
    [InlineData("GET / HTTP/1.1\nno field\n\n")]
    public void What_is_no_request_is_told(string text)
    {
        Assert.Null(RawRequest.Parse(Encoding.Latin1.GetBytes(text), out var error));
        Assert.NotNull(error);
    }

    private async Task<byte[]> ReadAsync()
    {
        await using var file = new FileStream(Record, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        var octets = new byte[file.Length];
        await file.ReadExactlyAsync(octets);
        return octets;
    }
}
