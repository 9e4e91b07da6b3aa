using System.Text;
using Portcullis.Trust.Keys;
using Portcullis.Trust.Sealing;

namespace Portcullis.Trust.Tests.Sealing;

public sealed class ResealerTests : IDisposable
{
    private readonly TemporaryDirectory directory = new();
    private readonly ManualTimeProvider clock = new();
    private readonly KeyRing ring;
    private readonly Sealer sealer;
    private readonly SealedFiles files;

    public ResealerTests()
    {
        ring = Rings.Open(directory, clock);
        sealer = new Sealer(ring, KeyPurpose.Data);
        Directory.CreateDirectory(directory.At("files"));
        files = new SealedFiles(directory.At("files"));
    }

    public void Dispose()
    {
        ring.Dispose();
        directory.Dispose();
    }

    [Fact]
    public async Task After_a_walk_the_old_key_can_go_and_every_value_opens()
    {
        Write(250);
        var old = Rotate();
        var told = new Progress();

        var report = await Resealer(100).RunAsync(files, told);

        Assert.Equal(new ResealReport(files.Name, 250, 0, 0, 0, IsDone: true), report);
        Assert.True(report.IsClean);
        Assert.Equal([100L, 200, 250, 250], told.Reports.Select(one => one.Resealed));
        Assert.Equal([false, false, false, true], told.Reports.Select(one => one.IsDone));
        Assert.Equal(DestroyOutcome.Destroyed, ring.Destroy(old));
        AllOpen(250);
    }

    [Fact]
    public async Task A_store_that_gives_up_by_itself_does_not_end_the_watch()
    {
        Write(3);
        Rotate();
        var failures = new List<Exception>();
        files.BeforeReplace = _ => throw new OperationCanceledException("a driver's own time is over");
        using var stop = new CancellationTokenSource();
        var watching = Resealer().WatchAsync([files], TimeSpan.FromSeconds(30), null, (_, exception) =>
        {
            failures.Add(exception);
            files.BeforeReplace = null;
        }, stop.Token);

        await Eventually.HoldsAsync(() => failures.Count == 1 && clock.ArmedTimers > 0, "the failure is told");
        clock.Advance(TimeSpan.FromSeconds(30));
        await Eventually.HoldsAsync(async () => (await files.ReadStaleAsync(sealer.CurrentPrefix(), null, 1, CancellationToken.None)).Count == 0, "the next turn has done it");
        await stop.CancelAsync();
        await watching;
        AllOpen(3);
    }

    [Fact]
    public async Task A_walk_with_nothing_to_do_writes_nothing()
    {
        Write(3);
        files.BeforeReplace = _ => Assert.Fail("nothing is stale");

        Assert.Equal(0, (await Resealer().RunAsync(files)).Resealed);
    }

    [Fact]
    public async Task A_walk_that_stopped_is_continued_by_the_next()
    {
        Write(100);
        var old = Rotate();
        files.BeforeReplace = name =>
        {
            if (name == Name(60))
                throw new IOException("the process ends");
        };
        await Assert.ThrowsAsync<IOException>(() => Resealer(25).RunAsync(files));
        files.BeforeReplace = null;

        var report = await Resealer(25).RunAsync(files);

        Assert.Equal((40, true), (report.Resealed, report.IsClean));
        ring.Destroy(old);
        AllOpen(100);
    }

    [Fact]
    public async Task A_value_written_meanwhile_is_not_overwritten()
    {
        Write(3);
        Rotate();
        files.BeforeReplace = name =>
        {
            if (name == Name(1))
                File.WriteAllBytes(Path.Combine(files.Name, name), sealer.Seal("newer"u8, SealedFiles.Context(name)));
            if (name == Name(2))
                File.Delete(Path.Combine(files.Name, name));
        };

        var report = await Resealer().RunAsync(files);

        Assert.Equal((1, 2), (report.Resealed, report.Overtaken));
        Assert.Equal("newer", Open(1));
        Assert.False(File.Exists(Path.Combine(files.Name, Name(2))));
    }

    [Fact]
    public async Task What_does_not_open_is_left_counted_and_does_not_stop_the_rest()
    {
        Write(10);
        var lost = Rotate();
        await Resealer().RunAsync(files);
        var destroyed = Path.Combine(files.Name, Name(3));
        var orphan = new byte[60];
        orphan[0] = 1;
        File.WriteAllBytes(destroyed, orphan);
        var damaged = Path.Combine(files.Name, Name(5));
        var bytes = File.ReadAllBytes(damaged);
        bytes[^1] ^= 1;
        File.WriteAllBytes(damaged, bytes);
        File.WriteAllText(Path.Combine(files.Name, Name(7)), "no envelope");
        ring.Destroy(lost);
        Rotate();

        var report = await Resealer(2).RunAsync(files);

        Assert.Equal((7, 1, 2), (report.Resealed, report.Lost, report.Damaged));
        Assert.False(report.IsClean);
        Assert.Equal(bytes, File.ReadAllBytes(damaged));
    }

    [Fact]
    public async Task A_rotation_on_the_way_is_heeded()
    {
        Write(40);
        var first = Rotate();
        string? second = null;
        files.BeforeReplace = name => second ??= name == Name(20) ? Rotate() : null;

        await Resealer(10).RunAsync(files);
        files.BeforeReplace = null;
        var report = await Resealer(10).RunAsync(files);

        Assert.True(report.IsClean);
        ring.Destroy(first);
        ring.Destroy(second!);
        AllOpen(40);
    }

    [Fact]
    public async Task Several_at_once_only_overtake_each_other()
    {
        var keys = new SubjectKeys();
        for (var i = 0; i < 500; i++)
            keys.Put($"{i:d4}", sealer.Seal("key"u8, SubjectSealer.KeyContext($"{i:d4}")));
        var old = Rotate();

        var reports = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() => Resealer(50).RunAsync(keys))));

        Assert.Equal(500, reports.Sum(report => report.Resealed));
        ring.Destroy(old);
        Assert.All(keys.All, key => Assert.Equal(UnsealOutcome.Opened, sealer.Open(key.Value, SubjectSealer.KeyContext(key.Key), out _)));
    }

    [Fact]
    public async Task A_store_that_goes_in_circles_is_stopped() =>
        await Assert.ThrowsAsync<InvalidOperationException>(() => Resealer().RunAsync(new Circle()));

    [Fact]
    public async Task Watching_walks_at_the_start_and_after_each_rotation_whatever_fails()
    {
        Write(5);
        Rotate();
        var failures = 0;
        var told = new Progress();
        using var stop = new CancellationTokenSource();
        var watching = Resealer().WatchAsync([new Circle(), files], TimeSpan.FromMinutes(1), told, (_, _) => Interlocked.Increment(ref failures), stop.Token);
        await Eventually.HoldsAsync(() => Task.FromResult(told.Reports.Any(report => report is { IsDone: true, Resealed: 5 })), "the first walk ends");

        var old = Rotate();
        await Eventually.HoldsAsync(() =>
        {
            clock.Advance(TimeSpan.FromMinutes(1));
            return Task.FromResult(told.Reports.Count(report => report is { IsDone: true, Resealed: 5 }) == 2);
        }, "the second walk ends");
        await stop.CancelAsync();
        await watching;

        Assert.True(failures >= 2);
        ring.Destroy(old);
        AllOpen(5);
    }

    private static string Name(int index) => $"{index:d4}.sealed";

    private Resealer Resealer(int batch = 100) => new(sealer, clock) { BatchSize = batch, Pause = TimeSpan.Zero };

    /// <summary>Returns the key that was active.</summary>
    private string Rotate()
    {
        var old = ring.Find(KeyPurpose.Data, KeyState.Active).Id;
        ring.Rotate(KeyPurpose.Data, immediately: true);
        return old;
    }

    private void Write(int count)
    {
        for (var i = 0; i < count; i++)
            File.WriteAllBytes(Path.Combine(files.Name, Name(i)), sealer.Seal(Encoding.UTF8.GetBytes($"value {i}"), SealedFiles.Context(Name(i))));
    }

    private string? Open(int index)
    {
        var outcome = sealer.Open(File.ReadAllBytes(Path.Combine(files.Name, Name(index))), SealedFiles.Context(Name(index)), out var plaintext);
        return outcome == UnsealOutcome.Opened ? Encoding.UTF8.GetString(plaintext!) : null;
    }

    private void AllOpen(int count)
    {
        for (var i = 0; i < count; i++)
            Assert.Equal($"value {i}", Open(i));
    }

    private sealed class Progress : IProgress<ResealReport>
    {
        private readonly Lock gate = new();
        private readonly List<ResealReport> reports = [];

        public IReadOnlyList<ResealReport> Reports
        {
            get
            {
                lock (gate)
                    return [.. reports];
            }
        }

        public void Report(ResealReport value)
        {
            lock (gate)
                reports.Add(value);
        }
    }

    private sealed class Circle : ISealedStore
    {
        public string Name => "circle";

        public ValueTask<IReadOnlyList<SealedValue>> ReadStaleAsync(ReadOnlyMemory<byte> prefix, string? after, int count, CancellationToken cancellationToken) =>
            new([new SealedValue("1", SealingContext.Of("t"), new byte[60])]);

        public ValueTask<bool> TryReplaceAsync(SealedValue value, ReadOnlyMemory<byte> resealed, CancellationToken cancellationToken) => new(true);
    }
}
