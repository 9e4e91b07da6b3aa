using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;

namespace Portcullis.EndToEnd.Tests.Nodes;

/// <summary>The real executable.</summary>
internal sealed partial class GatewayProcess : IAsyncDisposable
{
    /// <summary>
    /// In front of the command where the tests were started by <c>nohup</c> or in the background of a script: what is ignored there would be ignored by
    /// the process, too, as it should be for those who start it so.
    /// </summary>
    private static readonly string[] HeedSignals = AreSignalsIgnored() ? ["env", "--default-signal=HUP,INT"] : [];

    private readonly Process process;

    private GatewayProcess(Process process, bool readsErrors)
    {
        this.process = process;
        process.OutputDataReceived += (_, line) => Add(Output, line.Data);
        process.ErrorDataReceived += (_, line) => Add(Error, line.Data);
        process.Start();
        process.BeginOutputReadLine();
        if (readsErrors) process.BeginErrorReadLine();
    }

    public ProcessOutput Output { get; } = new();

    /// <summary>Complaints and the log.</summary>
    public ProcessOutput Error { get; } = new();

    public bool HasExited => process.HasExited;

    /// <summary>The program as it was built, compiled ahead, in the configuration that the tests were built in: the copy beside the tests is not compiled ahead.</summary>
    public static string Executable { get; } = Path.Combine(
        Repository.Root, "src/Portcullis", Path.GetRelativePath(Path.Combine(Repository.Root, "test/Portcullis.EndToEnd.Tests"), AppContext.BaseDirectory), OperatingSystem.IsWindows() ? "portcullis.exe" : "portcullis");

    public static GatewayProcess Start(string directory, IReadOnlyDictionary<string, string>? environment, params string[] arguments)
        => Start(directory, environment, readsErrors: true, arguments);

    /// <param name="readsErrors">Whether anybody reads the process's standard error.</param>
    public static GatewayProcess Start(string directory, IReadOnlyDictionary<string, string>? environment, bool readsErrors, params string[] arguments)
    {
        string[] command = [.. HeedSignals, Executable, .. arguments];
        var start = new ProcessStartInfo(command[0], command[1..])
        {
            WorkingDirectory = directory,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var name in start.Environment.Keys.Where(name => name.StartsWith("PORTCULLIS__", StringComparison.Ordinal)).ToList()) start.Environment.Remove(name);
        foreach (var (name, value) in environment ?? new Dictionary<string, string>(StringComparer.Ordinal)) start.Environment[name] = value;
        return new GatewayProcess(new Process { StartInfo = start }, readsErrors);
    }

    /// <summary>Runs a verb to its end.</summary>
    public static async Task<(int Code, string Output, string Error)> RunAsync(string directory, params string[] arguments)
    {
        await using var running = Start(directory, null, arguments);
        var code = await running.ExitAsync();
        return (code, running.Output.Text, running.Error.Text);
    }

    /// <summary>Runs a verb to its end, with text on its standard input.</summary>
    public static async Task<(int Code, string Output, string Error)> RunAsync(string directory, IReadOnlyDictionary<string, string>? environment, string input, params string[] arguments)
    {
        var start = new ProcessStartInfo(Executable, arguments)
        {
            WorkingDirectory = directory,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardInputEncoding = new System.Text.UTF8Encoding(encoderShouldEmitUTF8Identifier: false),
        };
        foreach (var (name, value) in environment ?? new Dictionary<string, string>(StringComparer.Ordinal)) start.Environment[name] = value;
        using var process = Process.Start(start)!;
        var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.StandardInput.WriteAsync(input);
        process.StandardInput.Close();
        await process.WaitForExitAsync().WithPatience();
        return (process.ExitCode, (await output).TrimEnd('\n'), (await error).TrimEnd('\n'));
    }

    public void Terminate() => Signal(15);

    public void Interrupt() => Signal(2);

    public void HangUp() => Signal(1);

    public async Task<int> ExitAsync()
    {
        await process.WaitForExitAsync().WithPatience();
        return process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        if (!process.HasExited) process.Kill();
        await process.WaitForExitAsync().WithPatience();
        process.Dispose();
    }

    private static bool AreSignalsIgnored()
    {
        const string Key = "SigIgn:";
        const ulong HupAndInt = 0b11;
        if (!OperatingSystem.IsLinux()) return false;
        var line = File.ReadLines("/proc/self/status").First(line => line.StartsWith(Key, StringComparison.Ordinal));
        return (ulong.Parse(line.AsSpan(Key.Length).Trim(), NumberStyles.HexNumber, CultureInfo.InvariantCulture) & HupAndInt) != 0;
    }

    private static void Add(ProcessOutput output, string? line)
    {
        if (line is not null) output.Add(line);
    }

    private void Signal(int number)
    {
        Requirement.System(!OperatingSystem.IsWindows(), "signals are of Unix");
        Assert.Equal(0, Kill(process.Id, number));
    }

    [DllImport("libc", EntryPoint = "kill", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Kill(int process, int signal);
}
