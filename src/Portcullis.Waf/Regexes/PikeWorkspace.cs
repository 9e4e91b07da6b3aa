namespace Portcullis.Waf.Regexes;

/// <summary>What a <see cref="PikeMachine"/> works with. Rented from <see cref="Pool{T}"/>.</summary>
internal sealed class PikeWorkspace
{
    public PikeThreads Now { get; set; } = new();

    public PikeThreads Then { get; set; } = new();

    /// <summary>Instructions to visit; a negative one restores a slot instead (its complement) to the value beside it.</summary>
    public List<(int At, int Value)> Pending { get; } = [];

    public int[] Slots { get; } = new int[PikeMachine.MaxSlots];
}
