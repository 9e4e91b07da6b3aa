namespace Portcullis.Gateway.Connections.Tls.OpenSsl;

/// <summary>How far a handshake has come.</summary>
internal enum HandshakeStep
{
    /// <summary>It can't succeed any more; the client has been told why as far as TLS has a word for it.</summary>
    Failed,

    /// <summary>It goes on when something has come.</summary>
    NeedsInput,

    /// <summary>It goes on when there is room to send.</summary>
    NeedsRoom,

    /// <summary>The connection is ready for use.</summary>
    Done,
}
