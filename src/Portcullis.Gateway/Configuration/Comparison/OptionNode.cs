namespace Portcullis.Gateway.Configuration.Comparison;

/// <summary>Options as a tree of keys and values, defaults written out: what is printed and compared.</summary>
internal abstract class OptionNode;
