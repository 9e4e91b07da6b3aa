using Portcullis.Gateway.EventLoops;

namespace Portcullis.Gateway.Connections;

/// <summary>One client's connection, served from its first octet to its last.</summary>
internal abstract class ClientSession(Wire wire, ClientConnection client, ConnectionFeatures features) : IDisposable
{
    public Wire Wire => wire;

    public ClientConnection Client => client;

    /// <summary>What there is to know of the connection.</summary>
    public ConnectionFeatures Features => features;

    /// <summary>Place in the set; kept by it.</summary>
    public int Index { get; set; }

    /// <summary>Serves until the connection ends. Never throws.</summary>
    /// <param name="early">Octets that were received before.</param>
    public abstract Task RunAsync(ReadOnlyMemory<byte> early);

    /// <summary>Ends what has taken too long. Called by the sweep, under the set's lock: what it leads to goes on elsewhere.</summary>
    /// <param name="now">Milliseconds of the set's clock.</param>
    public abstract void Look(long now);

    /// <summary>The connection is to end: at once where it is idle, else with what is under way.</summary>
    public abstract void BeginStop();

    /// <summary>Gives the connection up: what was not whole does not look it. From any thread.</summary>
    public abstract void Abort();

    public abstract void Dispose();
}
