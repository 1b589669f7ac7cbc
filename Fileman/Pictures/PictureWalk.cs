using Contracts.Files;

namespace Fileman.Pictures;

/// <summary>
/// Goes through a picture of one format while it is stored: finds its size, and takes out what does not serve to show it. Null when it is not well formed up to its size; the rest of the body may be
/// left in the flow.
/// </summary>
internal delegate ValueTask<PictureInfo?> PictureWalk(PictureFlow flow);
