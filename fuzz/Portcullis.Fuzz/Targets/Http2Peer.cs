using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging.Abstractions;
using Portcullis.Gateway.Buffers;
using Portcullis.Gateway.Configuration;
using Portcullis.Gateway.Connections;
using Portcullis.Gateway.Connections.Http1;
using Portcullis.Gateway.Connections.Http2;
using Portcullis.Gateway.EventLoops;

namespace Portcullis.Fuzz.Targets;

/// <summary>One client's connection without a network: its reader gets octets, its streams are served, and what is sent is looked at instead.</summary>
internal sealed class Http2Peer : ClientSessions
{
    private static readonly IPEndPoint Nobody = new(IPAddress.Loopback, 1);
    private static readonly ListenerServices Services = new() { Time = new StoppedClock(), Refusals = new SilentRefusals() };

    private readonly List<Http2Stream> streams = [];
    private readonly HashSet<int> served = [];
    private readonly ClientApplication<IFeatureCollection> application;
    private readonly Http2Origin origin;
    private readonly Http2Answers answers = new();

    private Http2Peer(ListenerLimits limits, Http2Origin origin)
        : base(() => limits, Services, NullLogger.Instance)
    {
        this.origin = origin;
        application = new ClientApplication<IFeatureCollection>(origin);
    }

    /// <summary>Reads all and ends the connection.</summary>
    /// <param name="limits">The listener's.</param>
    /// <param name="octets">What comes behind the client's preface.</param>
    /// <param name="piece">How many octets arrive next, of how many that have not.</param>
    /// <param name="servesAtOnce">Whether requests are served as they come; else when all has been read.</param>
    /// <returns>What has come of it, for comparison.</returns>
    public static string Read(ListenerLimits limits, byte[] octets, Func<int, int> piece, bool servesAtOnce)
    {
        var origin = new Http2Origin(limits);
        var peer = new Http2Peer(limits, origin);
        var options = new ListenerOptions { Address = ListenAddress.Parse("127.0.0.1:0", null) };
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        using var wire = new Wire(LoopSocket.Accepted(socket, loop: null));
        using var session = new Http2Session(
            peer,
            wire,
            new ClientConnection(new ConnectionRules("fuzz", options), Nobody),
            new ConnectionFeatures(null, Nobody, null),
            new FloodLog(Services, new ConnectionCounters(), NullLogger.Instance));
        using var frames = new FrameReader(session, limits);
        return peer.Run(session, frames, [.. Http2Preface.Whole, .. octets], piece, servesAtOnce);
    }

    public override Http1Request CreateRequest(Http1Session session) => throw new NotSupportedException();

    public override Http2Stream CreateStream(Http2Session session)
    {
        var stream = new Http2Stream<IFeatureCollection>(session, application);
        streams.Add(stream);
        return stream;
    }

    private string Run(Http2Session session, FrameReader frames, byte[] octets, Func<int, int> piece, bool servesAtOnce)
    {
        var input = default(ReceiveBuffer);
        ConnectionDefect? defect = null;
        session.Output.Cork(); // for good: what is sent is taken from it
        for (var at = 0; at < octets.Length && defect is null;)
        {
            var room = input.Room(frames.MostHeld);
            BrokenInvariantException.Unless(room.Length > 0, "the reader never waits for more than it holds");
            var length = Math.Min(Math.Min(piece(octets.Length - at), octets.Length - at), room.Length);
            octets.AsSpan(at, length).CopyTo(room.Span);
            input.Commit(length);
            at += length;
            defect = frames.Read(ref input);
            if (servesAtOnce && defect is null) Serve(session);
        }

        if (defect is null) Serve(session);
        answers.TakeFrom(session);
        input.Release(abandon: false);

        // What waits is broken off in no order.
        var seen = origin.Seen;
        session.Streams.BreakAll();
        BrokenInvariantException.Unless(SpinWait.SpinUntil(() => origin.Running == 0, TimeSpan.FromSeconds(20)), "every request ends with its connection");
        origin.ThrowIfBroken();
        session.Output.Close();
        return $"{defect?.Code} {defect?.Cause}\n{seen}{(defect is null ? answers.Text : string.Empty)}";
    }

    private void Serve(Http2Session session)
    {
        for (var i = 0; i < streams.Count; i++)
        {
            if (streams[i].IsLive && served.Add(streams[i].Id)) streams[i].Serve();
        }

        answers.TakeFrom(session);
    }

    private sealed class StoppedClock : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => DateTimeOffset.UnixEpoch;

        public override long GetTimestamp() => 1;
    }

    private sealed class SilentRefusals : IRefusals
    {
        public RefusalReply Answer(IFeatureCollection request, int status, string cause, bool isHeadWhole) => new(default, []);
    }
}
