using System.Runtime.InteropServices;
using System.Security.Cryptography;

// Never a library that lies beside the program.
[assembly: DefaultDllImportSearchPaths(DllImportSearchPath.System32)]

namespace Portcullis.Gateway.Connections.Tls.OpenSsl;

/// <summary>Whether OpenSSL 3 can be used directly.</summary>
internal static class OpenSslLibrary
{
    private static readonly Lazy<bool> Usable = new(Find);

    /// <summary>
    /// On Linux with OpenSSL 3, where .NET uses the very same library: keys are passed from one to the other as they are.
    /// </summary>
    public static bool IsUsable => Usable.Value;

    private static bool Find()
    {
        if (!OperatingSystem.IsLinux()) return false;
        if (!NativeLibrary.TryLoad(LibCrypto.Name, typeof(LibCrypto).Assembly, DllImportSearchPath.System32, out _)) return false;
        if (!NativeLibrary.TryLoad(LibSsl.Name, typeof(LibSsl).Assembly, DllImportSearchPath.System32, out _)) return false;
        return SafeEvpPKeyHandle.OpenSslVersion == (long)LibCrypto.OpenSSL_version_num();
    }
}
