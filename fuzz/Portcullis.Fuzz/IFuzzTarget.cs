namespace Portcullis.Fuzz;

/// <summary>
/// One parser under attack. Its starting inputs stand in <c>Corpus/NAME/</c>, one file each; the test project runs all of them,
/// so an input that once broke a parser is added there and stays a test.
/// </summary>
internal interface IFuzzTarget
{
    /// <summary>Its name on the command line and its folder in the corpus.</summary>
    string Name { get; }

    /// <summary>Words of the format, which the mutation puts into inputs.</summary>
    IReadOnlyList<string> Dictionary { get; }

    /// <summary>
    /// Parses <paramref name="input"/> and checks what must hold of every result. Refusing is fine; what is wrong is thrown as a
    /// <see cref="BrokenInvariantException"/>, and any other exception is a bug as well.
    /// </summary>
    void Run(ReadOnlySpan<byte> input);
}
