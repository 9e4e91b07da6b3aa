using Microsoft.Win32.SafeHandles;

namespace Portcullis.Gateway.Connections.Tls.OpenSsl;

/// <summary>An SSL object, freed once: by its owner, or by the collector where that one was forgotten.</summary>
internal sealed class SslHandle : SafeHandleZeroOrMinusOneIsInvalid
{
    private static long live;

    public SslHandle(nint ssl)
        : base(ownsHandle: true)
    {
        SetHandle(ssl);
        if (!IsInvalid) Interlocked.Increment(ref live);
    }

    /// <summary>Those of the process that are not freed yet.</summary>
    public static long Live => Interlocked.Read(ref live);

    protected override bool ReleaseHandle()
    {
        LibSsl.SSL_free(handle);
        Interlocked.Decrement(ref live);
        return true;
    }
}
