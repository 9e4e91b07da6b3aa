using System.Diagnostics.CodeAnalysis;

namespace Portcullis.Fuzz;

/// <summary>A parser accepted something and made of it what it never may.</summary>
internal sealed class BrokenInvariantException(string message) : Exception(message)
{
    /// <summary>Throws with <paramref name="rule"/> unless it holds.</summary>
    public static void Unless([DoesNotReturnIf(false)] bool holds, string rule)
    {
        if (!holds)
            throw new BrokenInvariantException(rule);
    }
}
