namespace Portcullis.EndToEnd.Tests.Nodes;

/// <summary>The lines that a process has written so far, and a way to wait for one.</summary>
internal sealed class ProcessOutput
{
    private readonly Lock gate = new();
    private readonly List<string> lines = [];
    private TaskCompletionSource changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public IReadOnlyList<string> Lines
    {
        get
        {
            lock (gate) return [.. lines];
        }
    }

    public string Text => string.Join('\n', Lines);

    public void Add(string line)
    {
        TaskCompletionSource waiting;
        lock (gate)
        {
            lines.Add(line);
            waiting = changed;
            changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        waiting.TrySetResult();
    }

    /// <summary>The first line, from <paramref name="from"/> on, that matches.</summary>
    public async Task<string> WaitForAsync(Func<string, bool> match, int from = 0)
    {
        while (true)
        {
            Task next;
            lock (gate)
            {
                for (; from < lines.Count; from++)
                {
                    if (match(lines[from])) return lines[from];
                }

                next = changed.Task;
            }

            await next.WithPatience();
        }
    }
}
