using System.Runtime.InteropServices;
using System.Text;

namespace Portcullis.Gateway.Connections.Tls.OpenSsl;

/// <summary>
/// The queue of errors that OpenSSL keeps for each thread. SSL_get_error(3ssl) looks at it, so it must be empty before each call that is
/// asked about, and nothing may stay in it for whoever has the thread next.
/// </summary>
internal static unsafe class OpenSslErrors
{
    private const int MostErrors = 3;
    private const int MostText = 160;

    /// <summary>Empties the queue.</summary>
    public static void Clear()
    {
        if (LibCrypto.ERR_peek_error() != 0) LibCrypto.ERR_clear_error();
    }

    /// <summary>Empties the queue, and says what was in it in some hundred characters: names of the library's alone, nothing of the peer's.</summary>
    public static string Take()
    {
        var text = new StringBuilder();
        var octets = stackalloc byte[MostText];
        for (var count = 0; count < MostErrors && LibCrypto.ERR_get_error() is var error && error != 0; count++)
        {
            LibCrypto.ERR_error_string_n(error, octets, MostText);
            if (text.Length > 0) text.Append("; ");
            text.Append(Marshal.PtrToStringUTF8((nint)octets));
        }

        LibCrypto.ERR_clear_error();
        return text.Length == 0 ? "no reason given" : text.ToString();
    }
}
