namespace Portcullis.Gateway.Tests.Http2;

/// <summary>Sends DATA as a client does that keeps to the server's windows, and waits where they are used up.</summary>
internal sealed class PacedUpload
{
    private const int Usual = 65_535;

    private readonly RawHttp2Client client;
    private readonly Dictionary<int, long> streams = [];
    private readonly HashSet<int> resets = [];
    private long connection = Usual;
    private long initial = Usual;

    private PacedUpload(RawHttp2Client client) => this.client = client;

    /// <summary>Octets sent, padding included.</summary>
    public long Sent { get; private set; }

    /// <summary>Begins on a fresh connection.</summary>
    public static async Task<PacedUpload> BeginAsync(RawHttp2Client client)
    {
        var upload = new PacedUpload(client);
        await upload.PingAsync();
        return upload;
    }

    /// <summary>Sends one frame once there is room for it.</summary>
    public async Task SendAsync(int stream, int length, bool endStream = false, int padding = 0)
    {
        var all = length + (padding == 0 ? 0 : padding + 1);
        while (Math.Min(connection, Window(stream)) < all) await ReadAsync();
        Count(stream, all);
        var flags = (byte)((endStream ? Http2Frame.EndStream : 0) | (padding == 0 ? 0 : Http2Frame.Padded));
        var payload = new byte[all];
        if (padding != 0) payload[0] = (byte)padding;
        await client.SendFrameAsync(Http2FrameType.Data, flags, stream, payload);
    }

    /// <summary>Sends until there is no room any more.</summary>
    public async Task FillAsync(int stream)
    {
        while (Math.Min(connection, Window(stream)) is > 0 and var room) await SendAsync(stream, (int)Math.Min(room, 16_384));
    }

    public async Task AwaitWindowAsync(int stream)
    {
        while (Math.Min(connection, Window(stream)) <= 0) await ReadAsync();
    }

    /// <summary>Waits until the server has reset a stream.</summary>
    public async Task AwaitResetAsync(int stream)
    {
        while (!resets.Contains(stream)) await ReadAsync();
    }

    /// <summary>Waits until the server has read all that was sent. Returns the frames that came before that.</summary>
    public async Task<List<Http2Frame>> PingAsync()
    {
        var frames = await client.PingAsync();
        foreach (var frame in frames) Note(frame);
        return frames;
    }

    public async Task<List<Http2Frame>> ReadUntilAsync(Predicate<Http2Frame> isLast)
    {
        var frames = await client.ReadUntilAsync(isLast);
        foreach (var frame in frames) Note(frame);
        return frames;
    }

    private Task ReadAsync() => ReadUntilAsync(static _ => true);

    private long Window(int stream) => streams.GetValueOrDefault(stream, initial);

    private void Count(int stream, int octets)
    {
        Sent += octets;
        connection -= octets;
        streams[stream] = Window(stream) - octets;
    }

    private void Note(Http2Frame frame)
    {
        if (frame.Type == Http2FrameType.GoAway) Assert.Fail($"GOAWAY {frame.Number}");
        if (frame.Type == Http2FrameType.RstStream) resets.Add(frame.Stream);
        if (frame.Type == Http2FrameType.WindowUpdate)
        {
            if (frame.Stream == 0) connection += frame.Number;
            else streams[frame.Stream] = Window(frame.Stream) + frame.Number;
        }

        if (frame.Type != Http2FrameType.Settings) return;
        foreach (var (name, value) in frame.SettingsValues)
        {
            if (name == Http2Setting.InitialWindowSize) initial = value;
        }
    }
}
