using System.Runtime.InteropServices;

namespace Portcullis.Waf.Tests.Regexes;

/// <summary>The oracle: PCRE2 as ModSecurity 2 sets it. Debian's library; 10.42 is the version the parser follows.</summary>
internal sealed class Pcre2 : IDisposable
{
    private const string Library = "libpcre2-8.so.0";
    private const uint DotAll = 0x20;
    private const uint DollarEndOnly = 0x10;
    private const uint NoAutoPossess = 0x4000;
    private const uint NoStartOptimize = 0x10000;
    private const uint ConfigVersion = 11;

    // Enough for every pattern here; a pair that hits a limit is reported as such and says nothing.
    private const uint MatchLimit = 5_000_000;

    private static readonly IntPtr Context = CreateContext();

    private readonly IntPtr code;
    private readonly IntPtr data;

    private Pcre2(IntPtr code)
    {
        this.code = code;
        data = pcre2_match_data_create_8(10, IntPtr.Zero);
    }

    public static bool IsAvailable => NativeLibrary.TryLoad(Library, out _);

    public static void Require() => Requirement.System(IsAvailable, "libpcre2-8.so.0 is absent (Debian package libpcre2-8-0)");

    public static string Version()
    {
        var text = new byte[64];
        _ = pcre2_config_8(ConfigVersion, text);
        return System.Text.Encoding.ASCII.GetString(text).TrimEnd('\0');
    }

    /// <summary>Null if the pattern is refused.</summary>
    /// <param name="pattern">The pattern.</param>
    /// <param name="withoutShortcuts">
    /// Whether optimizations are off that 10.42 gets wrong in odd patterns: <c>\N*\R</c> fails on a CR, <c> {0,3}\w?+\s</c> on two spaces.
    /// </param>
    public static Pcre2? Compile(byte[] pattern, bool withoutShortcuts = false)
    {
        var options = DotAll | DollarEndOnly | (withoutShortcuts ? NoAutoPossess | NoStartOptimize : 0);
        var code = pcre2_compile_8(pattern, (nuint)pattern.Length, options, out _, out _, IntPtr.Zero);
        return code == IntPtr.Zero ? null : new Pcre2(code);
    }

    /// <summary>The groups 0 to 9 as offset and end, -1 where unset; null if there is no match. False if a limit was hit.</summary>
    public bool TryMatch(byte[] value, Span<(int From, int To)> groups, out bool matches)
    {
        groups.Fill((-1, -1));
        var count = pcre2_match_8(code, value, (nuint)value.Length, 0, 0, data, Context);
        matches = count >= 0;
        if (count < -1) return false;
        if (!matches) return true;
        var vector = pcre2_get_ovector_pointer_8(data);
        for (var i = 0; i < (count == 0 ? 10 : count) && i < groups.Length; i++)
        {
            var from = Marshal.ReadIntPtr(vector, 2 * i * IntPtr.Size);
            var to = Marshal.ReadIntPtr(vector, ((2 * i) + 1) * IntPtr.Size);
            if (from != -1) groups[i] = ((int)from, (int)to);
        }

        return true;
    }

    public void Dispose()
    {
        pcre2_match_data_free_8(data);
        pcre2_code_free_8(code);
    }

    private static IntPtr CreateContext()
    {
        var context = pcre2_match_context_create_8(IntPtr.Zero);
        _ = pcre2_set_match_limit_8(context, MatchLimit);
        return context;
    }

#pragma warning disable SYSLIB1054, CA5392, IDE1006 // a handful of functions of a system library, in a test
    [DllImport(Library)]
    private static extern IntPtr pcre2_compile_8(byte[] pattern, nuint length, uint options, out int error, out nuint offset, IntPtr context);

    [DllImport(Library)]
    private static extern IntPtr pcre2_match_data_create_8(uint pairs, IntPtr context);

    [DllImport(Library)]
    private static extern IntPtr pcre2_match_context_create_8(IntPtr context);

    [DllImport(Library)]
    private static extern int pcre2_set_match_limit_8(IntPtr context, uint limit);

    [DllImport(Library)]
    private static extern int pcre2_match_8(IntPtr code, byte[] subject, nuint length, nuint start, uint options, IntPtr data, IntPtr context);

    [DllImport(Library)]
    private static extern IntPtr pcre2_get_ovector_pointer_8(IntPtr data);

    [DllImport(Library)]
    private static extern void pcre2_match_data_free_8(IntPtr data);

    [DllImport(Library)]
    private static extern void pcre2_code_free_8(IntPtr code);

    [DllImport(Library)]
    private static extern int pcre2_config_8(uint what, byte[] where);
#pragma warning restore SYSLIB1054, CA5392, IDE1006
}
