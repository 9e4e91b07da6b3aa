namespace Portcullis.Waf.Regexes;

/// <summary>The threads of a <see cref="PikeMachine"/> at one position, in order of preference, each with its slots.</summary>
internal sealed class PikeThreads
{
    private int[] slots = [];
    private int width;

    public PositionSet Instructions { get; } = new();

    public void Clear(int instructionCount, int slotCount)
    {
        Instructions.Clear(instructionCount);
        width = slotCount;
    }

    public Span<int> SlotsOf(int thread) => slots.AsSpan(thread * width, width);

    /// <summary>Notes the slots of the thread that was added last.</summary>
    public void Note(ReadOnlySpan<int> current)
    {
        var end = Instructions.Count * width;
        if (end > slots.Length) Array.Resize(ref slots, Math.Max(end, slots.Length * 2));
        current.CopyTo(SlotsOf(Instructions.Count - 1));
    }
}
