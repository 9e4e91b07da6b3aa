using System.Runtime.InteropServices;

namespace Portcullis.Waf.Tests.Injection;

/// <summary>The reference: libinjection 3.9.2 as Debian's libmodsecurity3 carries and exports it.</summary>
internal sealed class LibInjection
{
    private const string Library = "libmodsecurity.so.3";

    /// <summary>It reads a few bytes beyond the end of some values; there they find zeros.</summary>
    private const int Margin = 64;

    private readonly byte[] found = new byte[8];
    private byte[] buffer = new byte[4096];

    private LibInjection()
    {
    }

    /// <summary>The library, or the test skips.</summary>
    public static LibInjection Require()
    {
        Requirement.System(NativeLibrary.TryLoad(Library, out _), $"{Library} is not installed (Debian package libmodsecurity3)");
        return new LibInjection();
    }

    /// <summary>The fingerprint of an injection; empty where there is none.</summary>
    public ReadOnlySpan<byte> Sql(ReadOnlySpan<byte> value)
    {
        var isInjection = FindSql(Copy(value), (nuint)value.Length, found) != 0;
        return isInjection ? found.AsSpan(0, found.AsSpan().IndexOf((byte)0)) : default;
    }

    public bool Xss(ReadOnlySpan<byte> value) => FindXss(Copy(value), (nuint)value.Length) != 0;

    /// <summary>The type of a known word, 0 of others.</summary>
    public static byte TypeOf(byte[] word) => LookUpWord(0, 1, word, (nuint)word.Length);

    private byte[] Copy(ReadOnlySpan<byte> value)
    {
        if (buffer.Length < value.Length + Margin)
            buffer = new byte[value.Length + Margin];
        value.CopyTo(buffer);
        buffer.AsSpan(value.Length, Margin).Clear();
        return buffer;
    }

    [DllImport(Library, EntryPoint = "libinjection_sqli"), DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int FindSql(byte[] value, nuint length, byte[] fingerprint);

    [DllImport(Library, EntryPoint = "libinjection_xss"), DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int FindXss(byte[] value, nuint length);

    [DllImport(Library, EntryPoint = "libinjection_sqli_lookup_word"), DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern byte LookUpWord(nint state, int kind, byte[] word, nuint length);
}
