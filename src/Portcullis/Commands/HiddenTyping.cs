using System.Runtime.InteropServices;

namespace Portcullis.Commands;

/// <summary>
/// A terminal that does not show what is typed, until it is disposed or the process is told to stop. The console of .NET hides a key only while it waits for it: what is typed or pasted
/// faster is shown. And when a child process such as <c>stty</c> ends it sets the terminal as it was, so the terminal is told from here (POSIX, termios).
/// </summary>
internal sealed class HiddenTyping : IDisposable
{
    // Larger than any system's struct termios; what is not changed is given back as it came.
    private const int Size = 256;

    // At once, and what was typed before the question is thrown away (TCSAFLUSH, the same on all systems here).
    private const int Flush = 2;

    // ECHO of c_lflag.
    private const byte Echo = 8;

    private readonly byte[] before;
    private readonly PosixSignalRegistration interrupt;
    private readonly PosixSignalRegistration terminate;

    private HiddenTyping(byte[] before)
    {
        this.before = before;
        interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, _ => Restore());
        terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, _ => Restore());
    }

    // Behind c_iflag, c_oflag and c_cflag, which are longs on Darwin and have 32 bits elsewhere; both store the low octet first.
    private static int LocalFlags => OperatingSystem.IsMacOS() ? 24 : 12;

    /// <summary>Hides it; null where that can't be done.</summary>
    public static HiddenTyping? Begin()
    {
        if (OperatingSystem.IsWindows() || !BitConverter.IsLittleEndian) return null;
        var before = new byte[Size];
        if (GetAttributes(0, before) != 0) return null;
        byte[] silent = [.. before];
        silent[LocalFlags] &= unchecked((byte)~Echo);
        var hidden = new HiddenTyping(before);
        if (SetAttributes(0, Flush, silent) == 0) return hidden;
        hidden.Dispose();
        return null;
    }

    public void Dispose()
    {
        Restore();
        interrupt.Dispose();
        terminate.Dispose();
    }

    // Where it fails the terminal is gone, and shows nothing to anybody.
    private void Restore() => _ = SetAttributes(0, Flush, before);

    [DllImport("libc", EntryPoint = "tcgetattr")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int GetAttributes(int descriptor, [Out] byte[] attributes);

    [DllImport("libc", EntryPoint = "tcsetattr")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int SetAttributes(int descriptor, int when, byte[] attributes);
}
