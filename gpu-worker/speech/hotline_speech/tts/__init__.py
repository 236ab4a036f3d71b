"""Speech synthesis engines behind one small interface, and the stream that is made of their pieces."""
