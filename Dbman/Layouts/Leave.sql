DELETE FROM layout_nodes n WHERE n.node_id = @node
