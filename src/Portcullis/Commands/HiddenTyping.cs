using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Portcullis.Commands;

/// <summary>
/// A terminal that does not show what is typed, until it is disposed or the process is told to stop. The console of .NET hides a key only while it waits for it: what is typed or pasted
/// faster is shown.
/// </summary>
internal sealed class HiddenTyping : IDisposable
{
    private readonly PosixSignalRegistration interrupt;
    private readonly PosixSignalRegistration terminate;

    private HiddenTyping()
    {
        interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, static _ => TrySet("echo"));
        terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, static _ => TrySet("echo"));
    }

    /// <summary>Hides it; null where that can't be done, as without <c>stty</c> (POSIX).</summary>
    public static HiddenTyping? Begin()
    {
        var hidden = new HiddenTyping();
        if (TrySet("-echo")) return hidden;
        hidden.interrupt.Dispose();
        hidden.terminate.Dispose();
        return null;
    }

    public void Dispose()
    {
        TrySet("echo");
        interrupt.Dispose();
        terminate.Dispose();
    }

    private static bool TrySet(string mode)
    {
        try
        {
            using var stty = Process.Start(new ProcessStartInfo("stty", [mode]) { UseShellExecute = false });
            if (stty is null) return false;
            stty.WaitForExit();
            return stty.ExitCode == 0;
        }
        catch (Win32Exception)
        {
            return false;
        }
    }
}
