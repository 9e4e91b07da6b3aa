namespace Portcullis.Waf.Bodies;

/// <summary>
/// What queries of a document would cost beyond its size: the document of the base library puts text that stands in pieces together piece by piece, and looks
/// through all namespaces in scope for each element. Counted while the body is read, so that a body made for this is never loaded.
/// </summary>
/// <param name="depth">The deepest element there may be.</param>
internal sealed class XmlQueryCost(int depth)
{
    /// <summary>Characters copied and namespaces looked at. Ordinary documents of a megabyte stay far below.</summary>
    private const long Maximum = 16_000_000;

    private readonly int[] inScope = new int[depth + 1];
    private long cost;
    private long run;

    public bool IsTooHigh => cost > Maximum;

    public void Clear()
    {
        cost = 0;
        run = 0;
    }

    /// <param name="level">0 for the root.</param>
    /// <param name="declarations">Namespaces that it declares.</param>
    public void StartElement(int level, int declarations)
    {
        inScope[level + 1] = inScope[level] + declarations;
        cost += inScope[level + 1];
        run = 0;
    }

    public void EndElement() => run = 0;

    public void AddText(int length)
    {
        run += length;
        cost += run;
    }
}
